import Boot
import Network

/// GRUB 2 over the network: its configuration by the names that it searches, then what that says.
struct GRUBProgram: BootProgram {
  /// Where it came from.
  let url: BootURL
  var stage = Stage.start
  private var names: [String] = []
  private var modules: [String] = []
  private var configuration: FetchedFile?
  var shell = ShellRun()
  /// Menu entries in order, with what they run.
  var entries: [Entry] = []
  var kernel: FetchedFile?
  var disks = 0
  /// What `chainloader` has loaded.
  var chained: Chained?
  /// Whether the menu's choice runs.
  var isChosen = false

  struct Entry: Sendable {
    let words: [String]
    let body: [ShellScript.Statement]
  }

  enum Chained: Sendable {
    case file(FetchedFile)
    case disk
  }

  enum Stage: Sendable {
    case start
    case search
    case modules
    case script
    case kernel
    case disks(left: [BootURL])
    case chainloader
    case configuration
    case waiting
  }

  init(_ url: BootURL) { self.url = url }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch (stage, finding) {
    case (.start, _): return search(station)
    case (.search, .fetched(let file)):
      configuration = file
      stage = .modules
      modules = ["command", "fs", "crypto", "terminal"].map {
        "\(prefix)/\(Self.platform(station))/\($0).lst"
      }
      return module(&station)
    case (.search, _): return next()
    case (.modules, _): return module(&station)
    default: return settle(finding, &station)
    }
  }

  /// The prefix that is built in: Debian's signed build, or its installer's.
  private var prefix: String {
    let marks: [(String, String)] = [
      ("debian-installer/amd64", "/debian-installer/amd64/grub"),
      ("debian-installer/arm64", "/debian-installer/arm64/grub"),
    ]
    return marks.first { url.path.contains($0.0) }?.1 ?? "/grub"
  }

  private static func platform(_ station: Station) -> String {
    switch station.architecture {
    case .x8664EFI: "x86_64-efi"
    case .arm64EFI, .arm64UBoot, .raspberryPi, .raspberryPi3: "arm64-efi"
    case .x86EFI: "i386-efi"
    case .arm32EFI, .arm32UBoot: "arm-efi"
    case .riscv64EFI: "riscv64-efi"
    case .x86BIOS: "i386-pc"
    }
  }

  private mutating func search(_ station: Station) -> Turn {
    stage = .search
    setVariables(station)
    let found = SearchedNames.names(station.identity.macAddress, station.address)
    names = found.map { "\(prefix)/grub.cfg-\($0)" } + ["\(prefix)/grub.cfg"]
    return next()
  }

  private mutating func next() -> Turn {
    guard !names.isEmpty else {
      return .fail(.menu, "GRUB finds no \(prefix)/grub.cfg and drops to its prompt")
    }
    return fetch(named: names.removeFirst())
  }

  private mutating func module(_ station: inout Station) -> Turn {
    guard modules.isEmpty else { return fetch(named: modules.removeFirst()) }
    guard let configuration else { return .fail(.menu, "there is no configuration") }
    return run(configuration, &station)
  }

  /// Begins to run a configuration file.
  mutating func run(_ file: FetchedFile, _ station: inout Station) -> Turn {
    guard let text = file.text else {
      return file.unread(at: .menu)
    }
    guard let script = ShellScript(text) else {
      return .fail(.menu, "\(file.url) is no script that GRUB understands")
    }
    station.note("reads \(file.url)")
    stage = .script
    shell.start(script.statements)
    return go(&station)
  }

  private mutating func setVariables(_ station: Station) {
    shell.set("prefix", "(\(url.scheme.rawValue),\(host))\(prefix)")
    shell.set("root", "\(url.scheme.rawValue),\(host)")
    shell.set("grub_platform", station.architecture == .x86BIOS ? "pc" : "efi")
    shell.set("grub_cpu", Self.platform(station).split(separator: "-").first.map(String.init))
    shell.set("net_default_server", url.host)
    shell.set("net_default_ip", "\(station.address)")
    shell.set("net_default_mac", "\(station.identity.macAddress)")
    shell.set("lockdown", nil)
  }

  var host: String { url.port == 69 || url.port == 80 ? url.host : "\(url.host):\(url.port)" }

  /// What a name in a script means: `(tftp,10.0.0.1)/a`, or a path of the root.
  func located(_ name: String) -> BootURL? {
    var device = shell.variables["root"] ?? ""
    var path = name
    if name.hasPrefix("("), let end = name.firstIndex(of: ")") {
      device = String(name[name.index(after: name.startIndex)..<end])
      path = String(name[name.index(after: end)...])
    }
    let parts = device.split(separator: ",", maxSplits: 1)
    guard let scheme = parts.first.flatMap({ BootURL.Scheme(rawValue: String($0)) }) else {
      // `(pxe)` and `(efinet0)` are where GRUB came from.
      guard device == "pxe" || device.hasPrefix("efinet") || device.isEmpty else { return nil }
      var file = url
      file.path = path
      return file
    }
    let host = parts.dropFirst().first.map(String.init) ?? self.host
    let slashed = path.hasPrefix("/") ? path : "/\(path)"
    guard var file = BootURL("\(scheme.rawValue)://\(host)\(slashed)") else { return nil }
    if scheme == .tftp { file.path = slashed }
    return file
  }

  mutating func fetch(named name: String) -> Turn {
    guard let file = located(name) else { return .fail(.menu, "GRUB cannot fetch \(name)") }
    return .run(.fetch(Fetch(file, .grub, .grub)))
  }
}
