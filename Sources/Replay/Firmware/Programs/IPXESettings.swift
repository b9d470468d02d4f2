import Boot
import Bytes
import Network
import Wire

/// What `${…}` means to an iPXE script.
struct IPXESettings: Sendable {
  let build: IPXEBuild
  /// What the script has set, by name.
  private var values: [String: String] = [:]

  /// A script that sets more is no boot script.
  private static let mostValues = 256
  private static let longestValue = 4096

  init(_ build: IPXEBuild) { self.build = build }

  mutating func set(_ name: String, _ value: String) {
    guard values.count < Self.mostValues || values[name] != nil else { return }
    values[Self.plain(name)] = String(value.prefix(Self.longestValue))
  }

  mutating func clear(_ name: String) { values[Self.plain(name)] = "" }

  /// Replaces every `${name:format}`; inner ones first, as in `${${a}}`.
  func expanded(_ text: String, _ station: Station) -> String {
    var text = text
    // Each round takes one away; what a value brings in counts too.
    for _ in 0..<64 {
      guard let end = closing(text), let start = text[..<end].lastRange(of: "${") else { break }
      let name = String(text[start.upperBound..<end])
      text.replaceSubrange(
        start.lowerBound...end, with: value(named: name, station) ?? "")
      guard text.utf8.count <= 4 * Self.longestValue else { break }
    }
    return text
  }

  /// The first brace that closes an opened one.
  private func closing(_ text: String) -> String.Index? {
    guard let open = text.firstRange(of: "${") else { return nil }
    return text[open.upperBound...].firstIndex(of: "}")
  }

  /// nil: there is no such setting, or it is empty.
  func value(named full: String, _ station: Station) -> String? {
    let name = Self.plain(full)
    let format = full.split(separator: ":", maxSplits: 1).dropFirst().first.map(String.init)
    if let text = values[name] ?? values[Self.bare(name)] {
      return text.isEmpty ? nil : Self.formatted(Array(text.utf8), text, format)
    }
    guard let (octets, text) = known(Self.bare(name), station) else { return nil }
    return Self.formatted(octets, text, format)
  }

  /// Without its format.
  private static func plain(_ name: String) -> String {
    String(name.prefix { $0 != ":" })
  }

  /// Without the interface: there is one, and it is `net0`. Of another nothing is known.
  private static func bare(_ name: String) -> String {
    guard let slash = name.lastIndex(of: "/") else { return name }
    let scope = name[..<slash].prefix { $0 != "." }
    let known = ["net0", "netX", "0", "dhcp", "proxydhcp", "smbios", "builtin"]
    return known.contains(String(scope)) ? String(name[name.index(after: slash)...]) : name
  }

  private func known(_ name: String, _ station: Station) -> ([UInt8], String)? {
    func text(_ text: String?) -> ([UInt8], String)? { text.map { (Array($0.utf8), $0) } }
    func address(_ address: IPv4Address?) -> ([UInt8], String)? {
      guard let address, address != .unspecified else { return nil }
      return (address.array, "\(address)")
    }
    let lease = station.lease
    switch name {
    case "mac", "hwaddr":
      return (station.identity.macAddress.array, "\(station.identity.macAddress)")
    case "ip": return address(lease?.address)
    case "netmask": return address(lease?.netmask)
    case "gateway": return address(lease?.router)
    case "dns": return address(lease?.nameServers.first)
    case "domain": return text(lease?.domain)
    case "next-server": return address(lease?.bootServer)
    case "dhcp-server": return address(lease?.server)
    case "filename": return text(lease?.bootFile)
    case "hostname":
      return text(lease?.options[DHCPOption.hostName].map { String(decoding: $0, as: UTF8.self) })
    case "uuid":
      let uuid = station.identity.uuid
      return (uuid.high.array + uuid.low.array, "\(uuid)")
    case "serial": return text(station.identity.serialPrefix)
    case "manufacturer": return text("QEMU")
    case "product": return text("Standard PC")
    case "buildarch": return text(build.processor)
    case "platform": return text(build.isEFI ? "efi" : "pcbios")
    case "chip": return text(build.chip)
    case "bustype": return text("PCI")
    case "ifname": return text("net0")
    case "version": return text("1.21.1")
    case "user-class": return text("iPXE")
    default:
      guard let code = UInt8(name), let octets = lease?.options[code] else { return nil }
      return (octets, String(decoding: octets, as: UTF8.self))
    }
  }

  private static func formatted(_ octets: [UInt8], _ text: String, _ format: String?) -> String {
    switch format {
    case "hexhyp": Hexadecimal.text(octets, separator: "-")
    case "hex": Hexadecimal.text(octets, separator: ":")
    case "hexraw": Hexadecimal.text(octets)
    case "uristring": uriEncoded(text)
    case "ipv4", "ip":
      octets.count == 4 ? "\(IPv4Address(octets[0], octets[1], octets[2], octets[3]))" : text
    case "int8", "int16", "int32", "uint8", "uint16", "uint32":
      Int(text).map { "\($0)" } ?? "\(octets.suffix(4).reduce(0) { $0 << 8 | Int($1) })"
    default: text
    }
  }

  /// iPXE leaves what RFC 3986 calls unreserved.
  private static func uriEncoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { result, octet in
      switch octet {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        result.unicodeScalars.append(Unicode.Scalar(octet))
      default: result += "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
      }
    }
  }
}

extension String.SubSequence {
  fileprivate func lastRange(of mark: String) -> Range<Index>? {
    var found: Range<Index>?
    var start = startIndex
    while let range = self[start...].firstRange(of: mark) {
      found = range
      start = range.upperBound
    }
    return found
  }
}
