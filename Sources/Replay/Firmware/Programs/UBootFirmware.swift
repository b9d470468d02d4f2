import Boot
import Network

/// U-Boot's distro boot over the network: its script, then `pxe get`, then an EFI program.
struct UBootFirmware: BootProgram {
  let architecture: Architecture
  var stage = Stage.start
  var shell = ShellRun()
  var files = KernelFetch()
  /// Names of `pxe get` that are left.
  var names: [String] = []
  /// Files that the script fetched, in order.
  var loaded: [FetchedFile] = []
  /// What a command could not fetch, for the end of a script without a boot.
  var failure: String?

  enum Stage: Sendable {
    case start
    case lease
    case script
    case command
    case configuration
    case files
    case efiLease
    case efiFile
    case deviceTree(FetchedFile)
    case pause
  }

  static let scriptName = "boot.scr.uimg"

  init(_ architecture: Architecture) { self.architecture = architecture }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch (stage, finding) {
    case (.start, _):
      if let lease = station.lease { return fetchScript(lease) }
      stage = .lease
      return .run(.dhcp(exchange))
    case (.lease, .leased(let lease)): return fetchScript(lease)
    case (.lease, .notLeased(let reason)): return .fail(.address, reason)
    case (.script, .fetched(let file)): return run(file, &station)
    case (.script, _): return search(&station)
    case (.command, _), (.pause, _): return settle(finding, &station)
    case (.configuration, .fetched(let file)): return read(file, &station)
    case (.configuration, _): return next(&station)
    case (.files, .fetched(let file)):
      files.take(file)
      return files.next(.uboot, .uboot, station)
    case (.files, .missed(let reason)): return files.failed(reason)
    case (.efiLease, .leased(let lease)): return fetchProgram(lease)
    case (.efiLease, .notLeased(let reason)): return .fail(.address, reason)
    case (.efiFile, .fetched(let file)):
      // It looks for a device tree before it starts the program.
      stage = .deviceTree(file)
      return fetch("dtb/", station.lease?.bootServer) ?? ProgramImage.start(file, &station)
    case (.efiFile, .missed(let reason)): return .fail(.bootFile, reason)
    case (.deviceTree(let file), _): return ProgramImage.start(file, &station)
    case (_, _): return .fail(.bootFile, "nothing is left to do")
    }
  }

  var exchange: DHCPExchange {
    let is64 = architecture == .arm64UBoot
    return DHCPExchange(
      .uboot(
        is64 ? 22 : 21, vendorClass: is64 ? "U-Boot.armv8" : "U-Boot.armv7", file: Self.scriptName),
      Firmware(kind: .uboot, architecture: architecture, code: is64 ? 22 : 21))
  }

  private var efiExchange: DHCPExchange {
    let is64 = architecture == .arm64UBoot
    let code: UInt16 = is64 ? 11 : 10
    return DHCPExchange(
      .uboot(code, vendorClass: "PXEClient:Arch:000\(code):UNDI:003000", file: Self.scriptName),
      Firmware(kind: .pxe, architecture: is64 ? .arm64EFI : .arm32EFI, code: code))
  }

  func fetch(_ name: String, _ server: IPv4Address?) -> Turn? {
    server.map { .run(.fetch(Fetch(BootURL(.tftp, host: "\($0)", path: name), .uboot, .uboot))) }
  }

  /// Its own name for the script goes before the server's.
  private mutating func fetchScript(_ lease: StationLease) -> Turn {
    stage = .script
    guard let turn = fetch(Self.scriptName, lease.bootServer) else {
      return .fail(.bootFile, "no answer says where \(Self.scriptName) is")
    }
    return turn
  }

  private mutating func run(_ file: FetchedFile, _ station: inout Station) -> Turn {
    guard let octets = file.head, octets.count == file.byteCount else {
      return file.unread(at: .script)
    }
    guard let text = UBootImage.script(octets), let script = ShellScript(text) else {
      return .fail(.script, "\(file.url) is no script image of U-Boot")
    }
    station.note("runs \(file.url)")
    setVariables(station)
    shell.start(script.statements)
    return go(&station)
  }

  private mutating func setVariables(_ station: Station) {
    for name in ["kernel_addr_r", "ramdisk_addr_r", "fdt_addr_r", "scriptaddr", "pxefile_addr_r"] {
      shell.set(name, "40400000")
    }
    shell.set("fdtcontroladdr", "bf000000")
    shell.set("serverip", station.lease?.bootServer.map { "\($0)" })
    shell.set("ipaddr", "\(station.address)")
    shell.set("ethaddr", "\(station.identity.macAddress)")
    shell.set("bootfile", station.lease?.bootFile)
  }

  /// What follows a script that started nothing, or none.
  mutating func search(_ station: inout Station) -> Turn {
    stage = .configuration
    let found = SearchedNames.names(station.identity.macAddress, station.address)
    names = (found + ["default-arm", "default"]).map { "pxelinux.cfg/\($0)" }
    return next(&station)
  }

  mutating func next(_ station: inout Station) -> Turn {
    stage = .configuration
    guard names.isEmpty else {
      return fetch(names.removeFirst(), station.lease?.bootServer)
        ?? .fail(.menu, "no answer says where its configuration is")
    }
    stage = .efiLease
    return .run(.dhcp(efiExchange))
  }

  mutating func read(_ file: FetchedFile, _ station: inout Station) -> Turn {
    guard let text = file.text else {
      return file.unread(at: .menu)
    }
    station.note("reads \(file.url)")
    let menu = SyslinuxMenu(text)
    guard let label = menu.choice else { return .fail(.menu, "\(file.url) has no label") }
    guard menu.goesOn else { return .fail(.menu, "\(file.url) waits for a choice") }
    if label.isLocal { return .end(.booted(how: "starts its local disk")) }
    guard let kernel = label.kernel, let server = station.lease?.bootServer else {
      return .fail(.menu, "label \(label.name) names no kernel")
    }
    let located = { (name: String) in
      BootURL(name) ?? BootURL(.tftp, host: "\(server)", path: name)
    }
    stage = .files
    files = KernelFetch(located(kernel), label.initrd.map(located))
    return files.next(.uboot, .uboot, station)
  }

  private mutating func fetchProgram(_ lease: StationLease) -> Turn {
    guard let name = lease.bootFile, name != Self.scriptName else {
      let reason = failure ?? lease.remark ?? "no answer names a boot file, and no menu is found"
      return .fail(failure == nil ? .bootFile : .kernel, reason)
    }
    stage = .efiFile
    return fetch(name, lease.bootServer) ?? .fail(.bootFile, "no answer says where \(name) is")
  }
}
