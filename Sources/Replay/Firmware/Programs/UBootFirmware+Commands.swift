import Network
import Wire

// U-Boot's commands, as boot scripts use them.
extension UBootFirmware {
  mutating func go(_ station: inout Station) -> Turn {
    while true {
      switch shell.next() {
      case .command(let words):
        shell.status = true
        if let turn = perform(words, &station) { return turn }
      case .block: continue
      case .endless: return .fail(.script, "its script runs for ever")
      case .ended:
        if let failure { return .fail(.kernel, failure) }
        if !station.screen.lines.isEmpty, let end = leaving(station) { return end }
        return search(&station)
      }
    }
  }

  /// A script of ours that only speaks is the whole answer: its machine is to boot by itself.
  private func leaving(_ station: Station) -> Turn? {
    guard loaded.isEmpty,
      let line = station.screen.lines.first(where: { $0.hasPrefix("bootwire: ") })
    else { return nil }
    guard line.contains(" boots ") else {
      return .fail(.script, "its screen says: " + line.dropFirst("bootwire: ".count))
    }
    return .end(.booted(how: "leaves to its next way of booting, as its script says"))
  }

  mutating func settle(_ finding: Finding, _ station: inout Station) -> Turn {
    switch finding {
    case .fetched(let file):
      loaded.append(file)
      shell.set("filesize", String(file.byteCount, radix: 16))
      shell.status = true
    case .missed(let reason):
      failure = reason
      shell.status = false
    case .notLeased: shell.status = false
    case .leased(let lease):
      shell.set("serverip", lease.bootServer.map { "\($0)" })
      shell.status = true
    case .woke, .begun: shell.status = true
    }
    return go(&station)
  }

  private mutating func perform(_ words: [String], _ station: inout Station) -> Turn? {
    let arguments = Array(words.dropFirst())
    switch words[0] {
    case "setenv", "env":
      let rest = words[0] == "env" ? Array(arguments.dropFirst()) : arguments
      guard let name = rest.first else { return nil }
      let value = rest.dropFirst().joined(separator: " ")
      shell.set(name, value.isEmpty ? nil : value)
      return nil
    case "set":
      // Of a loop.
      let pair = (arguments.first ?? "").split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { shell.set(pair[0], pair[1]) }
      return nil
    case "setexpr":
      if let name = arguments.first { shell.set(name, "40400000") }
      return nil
    case "tftpboot", "tftp": return tftp(arguments.last ?? "", station)
    case "wget":
      guard let url = (arguments.last).flatMap({ BootURL($0) }) else {
        shell.status = false
        return nil
      }
      stage = .command
      return .run(.fetch(Fetch(url, .uboot, .uboot)))
    case "dhcp", "bootp":
      stage = .command
      return .run(.dhcp(exchange))
    case "sleep":
      stage = .pause
      return .run(.pause(.seconds(max(0, min(arguments.first.flatMap { Int($0) } ?? 0, 3600)))))
    case "booti", "bootz", "bootm", "bootefi": return start(words[0], &station)
    case "echo":
      station.screen.show(arguments.joined(separator: " "))
      return nil
    case "run", "source":
      guard let text = arguments.first.flatMap({ shell.variables[$0] }),
        let script = ShellScript(text)
      else {
        shell.status = false
        return nil
      }
      shell.start(script.statements)
      return nil
    case "pxe" where arguments.first == "get":
      shell.stop()
      return search(&station)
    case "reset", "poweroff": return .fail(.script, "its script says \(words[0])")
    case "fdt", "printenv", "load", "ext4load", "fatload", "mmc", "usb", "scsi", "nvme", "part":
      shell.status = words[0] == "fdt" || words[0] == "printenv"
      return nil
    default:
      return .fail(.script, "U-Boot knows no command \u{201c}\(words[0])\u{201d}")
    }
  }

  /// `SERVER:NAME`, or a name of the server that DHCP named.
  private mutating func tftp(_ text: String, _ station: Station) -> Turn? {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let (host, name) =
      parts.count == 2
      ? (parts[0], parts[1])
      : (shell.variables["serverip"] ?? "\(station.lease?.bootServer ?? .unspecified)", text)
    stage = .command
    return .run(.fetch(Fetch(BootURL(.tftp, host: host, path: name), .uboot, .uboot)))
  }

  private mutating func start(_ command: String, _ station: inout Station) -> Turn? {
    guard let kernel = loaded.first else {
      shell.status = false
      return nil
    }
    if command == "bootefi" { return ProgramImage.start(kernel, &station) }
    if let misfit = ProgramImage(kernel).misfit(kernel.url.name, on: station.architecture) {
      return .fail(.kernel, misfit)
    }
    let disks = loaded.count - 1
    let what = disks == 0 ? "" : disks == 1 ? " with its initial RAM disk" : " with \(disks) files"
    return .end(.booted(how: "starts \(kernel.url)\(what)"))
  }
}

/// U-Boot's legacy image of a script (`include/image.h`), as U-Boot checks it.
enum UBootImage {
  private static let headerCount = 64
  private static let script: UInt8 = 6

  /// The first of its texts; nil where it is no such image.
  static func script(_ octets: [UInt8]) -> String? {
    guard octets.count >= headerCount + 8, octets.starts(with: [0x27, 0x05, 0x19, 0x56]),
      octets[30] == script, number(octets, at: 4) == checksum(of: header(octets)),
      Int(number(octets, at: 12)) == octets.count - headerCount,
      number(octets, at: 24) == checksum(of: octets[headerCount...])
    else { return nil }
    let count = Int(number(octets, at: headerCount))
    let start = headerCount + 8
    guard number(octets, at: headerCount + 4) == 0, count <= octets.count - start else {
      return nil
    }
    return String(decoding: octets[start..<start + count], as: UTF8.self)
  }

  /// Its checksum counts its own field as 0.
  private static func header(_ octets: [UInt8]) -> [UInt8] {
    Array(octets[..<4]) + [0, 0, 0, 0] + octets[8..<headerCount]
  }

  private static func checksum(of octets: some Sequence<UInt8>) -> UInt32 {
    CRC32(of: octets).value
  }

  private static func number(_ octets: [UInt8], at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 8 | UInt32(octets[offset + $1]) }
  }
}
