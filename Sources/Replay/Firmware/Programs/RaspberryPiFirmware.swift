import Boot
import Network

/// A Raspberry Pi's network boot: files by names of its own, from below its serial number first.
struct RaspberryPiFirmware: BootProgram {
  enum Model: Hashable, Sendable {
    /// The ROM, which fetches bootcode.bin; that does DHCP again and goes on.
    case pi3
    case pi4
    case pi5
  }

  let model: Model
  private var stage = Stage.start
  private var prefix = ""
  private var configuration = RaspberryPiConfiguration()
  /// What is still to be fetched, and what it is for; a file without a step may be missing.
  private var waiting: [(name: String, step: BootStep?)] = []
  private var current: (name: String, step: BootStep?) = ("", nil)
  private var kernel: FetchedFile?
  private var disks = 0

  private enum Stage: Sendable {
    case start
    case romLease
    case bootcode
    /// bootsig.bin, which is missing nearly everywhere.
    case signature
    case lease
    /// The files that tell whether there is a folder of its own, in order.
    case probe([String])
    case configuration
    case files
  }

  init(_ model: Model) { self.model = model }

  /// A `xid` that all boards share is no reason to take another's answer: `chaddr` decides.
  private var dialect: DHCPDialect {
    switch model {
    case .pi3: .bootcode
    case .pi4: .piEEPROM("RPi4", revision: 0x00c0_3130)
    case .pi5: .piEEPROM("RPi5", revision: 0x00d0_4170)
    }
  }

  private var firmware: Firmware {
    Firmware(
      kind: .pi, architecture: model == .pi3 ? .raspberryPi3 : .raspberryPi, code: 0)
  }

  private var tftp: TFTPDialect { model == .pi3 ? .bootcode : .piEEPROM }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch (stage, finding) {
    case (.start, _):
      if station.lease != nil { return probe(station) }
      guard model == .pi3 else { return lease() }
      stage = .romLease
      return .run(.dhcp(DHCPExchange(.pi3ROM, firmware)))
    case (.romLease, .leased):
      stage = .bootcode
      return fetch("bootcode.bin", station, .pi3ROM)
    case (.romLease, .notLeased(let reason)): return .fail(.address, reason)
    case (.bootcode, .fetched):
      stage = .signature
      return fetch("bootsig.bin", station, .pi3ROM)
    case (.bootcode, .missed(let reason)): return .fail(.bootFile, reason)
    case (.signature, _): return lease()
    case (.lease, .leased): return probe(station)
    case (.lease, .notLeased(let reason)): return .fail(.address, reason)
    case (.probe(let left), _): return probed(left, finding, station)
    case (.configuration, _): return configured(finding, &station)
    case (.files, .fetched(let file)): return take(file, &station)
    case (.files, .missed(let reason)):
      guard let step = current.step else { return next(&station) }
      return .fail(step, reason)
    case (_, _): return .fail(.bootFile, "nothing is left to do")
    }
  }

  private mutating func lease() -> Turn {
    stage = .lease
    return .run(.dhcp(DHCPExchange(dialect, firmware)))
  }

  /// The first file with its serial number before it says whether it has a folder of its own
  /// (documentation, eeprom-bootloader.adoc, TFTP_PREFIX).
  private mutating func probe(_ station: Station) -> Turn {
    prefix = station.identity.serialPrefix + "/"
    switch model {
    case .pi3: stage = .probe([])
    case .pi4: stage = .probe([prefix + "start.elf", "start4.elf", "start.elf"])
    case .pi5: stage = .probe(["config.txt"])
    }
    let first =
      switch model {
      case .pi3: "start.elf"
      case .pi4: "start4.elf"
      case .pi5: "config.txt"
      }
    return fetch(prefix + first, station, tftp)
  }

  private mutating func probed(
    _ left: [String], _ finding: Finding, _ station: Station
  ) -> Turn {
    if case .fetched(let file) = finding {
      if !file.url.path.hasPrefix(prefix) { prefix = "" }
    } else if let name = left.first {
      stage = .probe(Array(left.dropFirst()))
      return fetch(name, station, tftp)
    } else if case .missed(let reason) = finding, model != .pi3 {
      return .fail(.bootFile, reason)
    } else {
      prefix = ""
    }
    stage = .configuration
    return fetch(prefix + "config.txt", station, tftp)
  }

  private mutating func configured(_ finding: Finding, _ station: inout Station) -> Turn {
    if case .fetched(let file) = finding {
      guard let text = file.text else {
        return file.unread(at: .script)
      }
      configuration = RaspberryPiConfiguration(text)
    }
    let kernel = configuration.kernel ?? defaultKernel
    switch model {
    case .pi3: waiting = [("start.elf", .bootFile), ("fixup.dat", nil)]
    case .pi4: waiting = [("start4.elf", .bootFile), ("fixup4.dat", nil)]
    case .pi5: waiting = []
    }
    waiting += [(deviceTree, nil), ("cmdline.txt", nil)]
    waiting += configuration.disks.map { ($0, .initialRAMDisk) }
    waiting.append((kernel, .kernel))
    stage = .files
    return next(&station)
  }

  private var defaultKernel: String {
    switch model {
    case .pi3, .pi4: "kernel8.img"
    case .pi5: "kernel_2712.img"
    }
  }

  private var deviceTree: String {
    switch model {
    case .pi3: "bcm2710-rpi-3-b.dtb"
    case .pi4: "bcm2711-rpi-4-b.dtb"
    case .pi5: "bcm2712-rpi-5-b.dtb"
    }
  }

  private mutating func take(_ file: FetchedFile, _ station: inout Station) -> Turn {
    if current.step == .kernel { kernel = file }
    if current.step == .initialRAMDisk { disks += 1 }
    return next(&station)
  }

  private mutating func next(_ station: inout Station) -> Turn {
    if !waiting.isEmpty {
      current = waiting.removeFirst()
      return fetch(prefix + current.name, station, tftp)
    }
    guard let kernel else { return .fail(.kernel, "there is no kernel") }
    let what = disks == 0 ? "" : " with its initial RAM disk"
    return .end(.booted(how: "starts \(kernel.url)\(what)"))
  }

  private func fetch(_ name: String, _ station: Station, _ dialect: TFTPDialect) -> Turn {
    guard let server = station.lease?.bootServer else {
      return .fail(.bootFile, "no answer says where \(name) is")
    }
    return .run(
      .fetch(Fetch(BootURL(.tftp, host: "\(server)", path: name), dialect, .uboot)))
  }
}

/// What `config.txt` says of the files to fetch; of its sections those of all boards.
struct RaspberryPiConfiguration: Sendable {
  private(set) var kernel: String?
  private(set) var disks: [String] = []

  init() {}

  init(_ text: String) {
    var isForAll = true
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmed
      if line.hasPrefix("[") { isForAll = line == "[all]" }
      guard isForAll, !line.hasPrefix("#") else { continue }
      if line.hasPrefix("kernel=") { kernel = String(line.dropFirst("kernel=".count)) }
      let words = line.split(separator: " ")
      if words.count > 1, words[0] == "initramfs" {
        disks = words[1].split(separator: ",").map(String.init)
      }
    }
  }
}
