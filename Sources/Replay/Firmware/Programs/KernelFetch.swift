import Boot

/// A kernel and its initial RAM disks, fetched one after another.
struct KernelFetch: Sendable {
  private var waiting: [BootURL] = []
  private(set) var fetched: [FetchedFile] = []
  private let count: Int

  /// Nothing to fetch.
  init() { count = 0 }

  init(_ kernel: BootURL, _ disks: [BootURL]) {
    waiting = [kernel] + disks
    count = waiting.count
  }

  mutating func take(_ file: FetchedFile) { fetched.append(file) }

  /// Fetches the next, or starts the kernel when nothing is left.
  mutating func next(_ tftp: TFTPDialect, _ http: HTTPDialect, _ station: Station) -> Turn {
    guard waiting.isEmpty else {
      return .run(.fetch(Fetch(waiting.removeFirst(), tftp, http)))
    }
    guard let kernel = fetched.first else { return .fail(.kernel, "there is no kernel") }
    if station.architecture != .x86BIOS,
      let misfit = ProgramImage(kernel).misfit(kernel.url.name, on: station.architecture)
    {
      return .fail(.kernel, misfit)
    }
    let disks = fetched.count - 1
    let what = disks == 0 ? "" : disks == 1 ? " with its initial RAM disk" : " with \(disks) files"
    return .end(.booted(how: "starts \(kernel.url)\(what)"))
  }

  func failed(_ reason: String) -> Turn {
    .fail(fetched.isEmpty ? .kernel : .initialRAMDisk, reason)
  }
}
