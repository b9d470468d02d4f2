import Boot
import Network

/// A command that fetches an image, and what is to be done with it.
struct IPXEImageCommand: Sendable {
  enum Kind: String, Sendable {
    case kernel
    case initrd
    case imgfetch
    case chain
    case imgexec
    case imgverify
  }

  let kind: Kind
  let name: String?
  let arguments: [String]
  let replaces: Bool

  /// The step of the boot that fails with it.
  func step(_ url: BootURL?) -> BootStep {
    switch kind {
    case .kernel: .kernel
    case .initrd: .initialRAMDisk
    case .imgfetch: url?.name.hasSuffix(".ipxe") == true ? .script : .initialRAMDisk
    case .chain: .script
    case .imgexec, .imgverify: .kernel
    }
  }
}

// The commands that fetch.
extension IPXEInterpreter {
  mutating func fetch(
    _ kind: IPXEImageCommand.Kind, _ words: ArraySlice<String>, _ station: inout Station
  ) -> Result {
    let arguments = IPXEArguments(words)
    var rest = arguments.rest
    if kind == .imgverify, rest.count > 1 { rest.removeFirst() }
    guard let text = rest.first else {
      guard kind == .imgexec else { return .done(false) }
      guard let image = images.first(where: { $0.name == selected }) else {
        note("\(frames.last?.text ?? ""): there is nothing to boot", .kernel)
        return .done(false)
      }
      return execute(image, &station)
    }
    let command = IPXEImageCommand(
      kind: kind, name: arguments.options["name"], arguments: Array(rest.dropFirst()),
      replaces: arguments.options["replace"] != nil)
    if kind != .initrd, let image = images.first(where: { $0.name == text }) {
      if kind == .kernel {
        selected = image.name
        return .done(true)
      }
      return kind == .imgfetch ? .done(true) : execute(image, &station, replacing: command.replaces)
    }
    guard let base = frames.last?.url, let url = base.resolving(Self.withoutParameters(text)) else {
      note("iPXE cannot fetch \(text)", command.step(nil))
      return .done(false)
    }
    pending = .image(command)
    var http = HTTPDialect.ipxe
    if text.hasSuffix("##params") {
      http.method = "POST"
      http.fields += "Content-Type: application/x-www-form-urlencoded\r\n"
      http.body = Array(parameters.map { "\($0.0)=\($0.1)" }.joined(separator: "&").utf8)
    }
    return .turn(.run(.fetch(Fetch(url, .ipxe, http))))
  }

  private static func withoutParameters(_ text: String) -> String {
    text.hasSuffix("##params") ? String(text.dropLast("##params".count)) : text
  }

  /// Goes on with what the activity found.
  mutating func settle(
    _ pending: Pending, _ finding: Finding, _ station: inout Station
  ) -> Result {
    switch (pending, finding) {
    case (.image(let command), .fetched(let file)): return take(file, command, &station)
    case (.image(let command), .missed(let reason)):
      note(reason, command.step(nil))
      return .done(false)
    case (.lease, .leased): return .done(true)
    case (.autoboot, .leased(let lease)):
      guard let url = Self.bootURL(of: lease) else {
        note("no answer names a boot file", .bootFile)
        return .done(false)
      }
      self.pending = .bootFile
      return .turn(.run(.fetch(Fetch(url, .ipxe, .ipxe))))
    case (.bootFile, .fetched(let file)):
      let command = IPXEImageCommand(kind: .chain, name: nil, arguments: [], replaces: false)
      return take(file, command, &station)
    case (.bootFile, .missed(let reason)):
      note(reason, .bootFile)
      return .done(false)
    case (_, .notLeased(let reason)):
      note(reason, .address)
      return .done(false)
    case (.sleep, _): return .done(true)
    case (.prompt, _):
      station.screen.hasWaited = true
      return .done(false)
    case (.choice(let setting, let label), _):
      settings.set(setting, label)
      return .done(true)
    case (_, _): return .done(false)
    }
  }

  private mutating func take(
    _ file: FetchedFile, _ command: IPXEImageCommand, _ station: inout Station
  ) -> Result {
    let image = Image(
      name: command.name ?? file.url.name, file: file, arguments: command.arguments,
      isKernel: command.kind == .kernel)
    images.removeAll { $0.name == image.name }
    guard images.count < 64 else { return .done(false) }
    images.append(image)
    switch command.kind {
    case .kernel:
      selected = image.name
      return .done(true)
    case .initrd, .imgfetch: return .done(true)
    case .imgverify:
      images.removeLast()
      return .done(true)
    case .chain, .imgexec: return execute(image, &station, replacing: command.replaces)
    }
  }

  private mutating func execute(
    _ image: Image, _ station: inout Station, replacing: Bool = false
  ) -> Result {
    let url = image.file.url
    if let text = image.file.text, text.hasPrefix("#!ipxe") {
      guard frames.count < Self.mostFrames else {
        return .turn(.fail(.script, "\(url) is chained too deep"))
      }
      if replacing { frames.removeAll() }
      images.removeAll { $0.name == image.name }
      station.note("runs \(url)")
      frames.append(Frame(lines: IPXELine.lines(of: text), url: url))
      return .moved
    }
    let kind = ProgramImage(image.file).kind
    if !image.isKernel || Self.isLoader(url.name) {
      if image.file.head == nil, kind == .unknown, url.name.hasSuffix(".ipxe") {
        return .turn(image.file.unread(at: .script))
      }
      if kind != .unknown { return .turn(start(image, &station)) }
    }
    if build.isEFI, let misfit = ProgramImage(image.file).misfit(url.name, on: build.architecture) {
      return .turn(.fail(.kernel, misfit))
    }
    let disks = images.count - 1
    let what = disks == 0 ? "" : disks == 1 ? " with its initial RAM disk" : " with \(disks) files"
    return .turn(.end(.booted(how: "starts \(url)\(what)")))
  }

  private static func isLoader(_ name: String) -> Bool {
    [".efi", ".0", ".kpxe", ".kkpxe", ".pxe", ".lkrn"].contains { name.hasSuffix($0) }
  }

  /// A program takes over; it reads what the script set for it.
  private func start(_ image: Image, _ station: inout Station) -> Turn {
    for code: UInt8 in [209, 210] {
      if let value = settings.value(named: "\(code)", station) {
        station.lease?.options[code] = Array(value.utf8)
      }
    }
    return ProgramImage.start(image.file, &station)
  }
}
