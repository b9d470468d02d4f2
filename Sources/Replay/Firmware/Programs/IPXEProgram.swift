import Boot
import Network

/// iPXE from its start to the script that it is given: DHCP, then the boot file.
struct IPXEProgram: BootProgram {
  enum Origin: Hashable, Sendable {
    /// A network card's, or QEMU's: it is the firmware.
    case rom
    /// Fetched from here by the firmware before it.
    case chained(BootURL)
  }

  let origin: Origin
  let architecture: Architecture
  private var stage = Stage.start
  private var interpreter: IPXEInterpreter?

  private enum Stage: Sendable {
    case start
    /// Looks for `autoexec.ipxe` beside itself.
    case autoexec
    case lease
    case bootFile
    case script
  }

  /// - Parameter isLeased: Whether it goes on with the lease that the machine has.
  init(_ origin: Origin, _ architecture: Architecture, isLeased: Bool = false) {
    self.origin = origin
    self.architecture = architecture
    if isLeased { stage = .lease }
  }

  /// Goes on where a script was given to it.
  init(script: String, from url: BootURL, _ architecture: Architecture) {
    self.init(.rom, architecture)
    interpreter = IPXEInterpreter(script, from: url, build)
    stage = .script
  }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch stage {
    case .start: return start(&station)
    case .autoexec:
      if case .fetched(let file) = finding { return run(file, &station) }
      return lease()
    case .lease: return leased(finding, &station)
    case .bootFile: return fetched(finding, &station)
    case .script: return interpret(finding, &station)
    }
  }

  private mutating func start(_ station: inout Station) -> Turn {
    if case .chained(let url) = origin, looksForAutoexec(url),
      let beside = url.resolving("autoexec.ipxe"), station.lease != nil
    {
      stage = .autoexec
      return fetch(beside)
    }
    return lease()
  }

  /// Builds of 2025 do; they are known by their names (Debian's packages).
  private func looksForAutoexec(_ url: BootURL) -> Bool {
    url.name.hasPrefix("ipxe-") && url.name.hasSuffix(".efi")
  }

  private mutating func lease() -> Turn {
    stage = .lease
    return .run(.dhcp(build.exchange))
  }

  var build: IPXEBuild { IPXEBuild(origin, architecture) }

  private mutating func leased(_ finding: Finding, _ station: inout Station) -> Turn {
    switch finding {
    case .begun:
      guard let lease = station.lease else { return self.lease() }
      return leased(.leased(lease), &station)
    case .leased(let lease):
      guard let url = IPXEInterpreter.bootURL(of: lease) else {
        let remark = lease.remark.map { ": \($0)" } ?? ""
        return .fail(.bootFile, "no answer names a boot file" + remark)
      }
      stage = .bootFile
      return fetch(url)
    case .notLeased(let reason):
      return .fail(station.lease == nil ? .address : .bootServer, reason)
    case .fetched, .missed, .woke: return .fail(.address, "nothing is left to do")
    }
  }

  private mutating func fetched(_ finding: Finding, _ station: inout Station) -> Turn {
    switch finding {
    case .fetched(let file): return run(file, &station)
    case .missed(let reason): return .fail(.bootFile, reason)
    case .begun, .leased, .notLeased, .woke: return .fail(.bootFile, "nothing is left to do")
    }
  }

  private mutating func run(_ file: FetchedFile, _ station: inout Station) -> Turn {
    guard let text = file.text, text.hasPrefix("#!ipxe") else {
      if file.head == nil, ProgramImage(file).kind == .unknown {
        return file.unread(at: .script)
      }
      return ProgramImage.start(file, &station)
    }
    station.note("runs \(file.url)")
    interpreter = IPXEInterpreter(text, from: file.url, build)
    stage = .script
    return interpret(.begun, &station)
  }

  private mutating func interpret(_ finding: Finding, _ station: inout Station) -> Turn {
    guard var interpreter else { return .fail(.script, "there is no script") }
    self.interpreter = nil
    let turn = interpreter.resume(finding, &station)
    self.interpreter = interpreter
    return turn
  }

  private func fetch(_ url: BootURL) -> Turn { .run(.fetch(Fetch(url, .ipxe, .ipxe))) }
}

/// What a script can see of the iPXE that runs it.
struct IPXEBuild: Hashable, Sendable {
  let architecture: Architecture
  let isEFI: Bool
  /// `${buildarch}`.
  let processor: String
  /// `${net0/chip}`.
  let chip: String
  /// Option 93.
  let code: UInt16
  let dhcp: DHCPDialect

  init(_ origin: IPXEProgram.Origin, _ architecture: Architecture) {
    self.architecture = architecture
    isEFI = architecture != .x86BIOS
    switch architecture {
    case .x86BIOS: (processor, code) = ("i386", 0)
    case .x86EFI: (processor, code) = ("i386", 6)
    case .x8664EFI: (processor, code) = ("x86_64", 7)
    case .arm32EFI, .arm32UBoot: (processor, code) = ("arm32", 10)
    case .arm64EFI, .arm64UBoot, .raspberryPi3, .raspberryPi: (processor, code) = ("arm64", 11)
    case .riscv64EFI: (processor, code) = ("riscv64", 27)
    }
    var name = ""
    if case .chained(let url) = origin { name = url.name }
    chip =
      name.hasPrefix("undionly") ? "undionly" : name.hasPrefix("snponly") ? "SNP" : "virtio-net"
    dhcp = .ipxe(code, isEFI: isEFI, isChained: !name.isEmpty)
  }

  var exchange: DHCPExchange {
    DHCPExchange(dhcp, Firmware(kind: .ipxe, architecture: architecture, code: code))
  }
}
