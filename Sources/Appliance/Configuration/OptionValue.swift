import Boot
import Bytes
import Network
import YAML

extension OptionRow.Kind {
  /// The option's bytes on the wire; nil after a mistake.
  func bytes(of value: Value) -> [UInt8]? {
    switch self {
    case .address: value.address().map { Self.octets(of: $0) }
    case .addresses: value.addresses().map { $0.flatMap(Self.octets) }
    case .addressPairs: pairs(value)
    case .text: value.text("a text").map { Array($0.utf8) }
    case .flag: value.bool().map { [$0 ? 1 : 0] }
    case .unsigned8: number(value, UInt8.self)
    case .unsigned16: number(value, UInt16.self)
    case .unsigned32: number(value, UInt32.self)
    case .signed32: number(value, Int32.self)
    case .unsigned16s:
      value.oneOrMore(of: "numbers").map {
        $0.compactMap { number($0, UInt16.self) }.flatMap(\.self)
      }
    case .hexadecimal: Self.hexadecimal(value)
    case .domains:
      value.oneOrMore(of: "domain names").map { $0.compactMap { $0.domain() }.flatMap(Self.name) }
    case .classlessRoutes:
      value.oneOrMore(of: "routes").map { $0.compactMap(Self.route).flatMap(\.self) }
    }
  }

  static func hexadecimal(_ value: Value) -> [UInt8]? {
    value.read("hexadecimal digits, an even number of them, as 0a4d0001") { text in
      let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
      return Hexadecimal.octets(digits.filter { $0 != ":" })
    }
  }

  private func number<Number: FixedWidthInteger>(_ value: Value, _: Number.Type) -> [UInt8]? {
    value.read("a number, \(Number.min) to \(Number.max)") { text -> Number? in Value.integer(text)
    }
    .map { number in
      stride(from: Number.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: number >> Number($0))
      }
    }
  }

  private func pairs(_ value: Value) -> [UInt8]? {
    guard let addresses = value.addresses() else { return nil }
    guard addresses.count.isMultiple(of: 2) else {
      value.mistake("\(addresses.count) addresses, expected pairs: each destination and its router")
      return nil
    }
    return addresses.flatMap(Self.octets)
  }

  private static func octets(of address: IPv4Address) -> [UInt8] {
    let (a, b, c, d) = address.octets
    return [a, b, c, d]
  }

  private static func name(_ domain: String) -> [UInt8] {
    domain.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  private static func route(_ value: Value) -> [UInt8]? {
    value.read("a route as 10.80.0.0/16 via 10.77.0.2") { text in
      let words = text.split(separator: " ")
      guard words.count == 3, words[1] == "via", let prefix = IPv4Prefix(words[0]),
        let router = IPv4Address(words[2])
      else { return nil }
      let significant = octets(of: prefix.network).prefix((prefix.length + 7) / 8)
      return [UInt8(prefix.length)] + significant + octets(of: router)
    }
  }
}

extension OptionSetting {
  /// The options of a subnet, in the order of their codes.
  static func all(of value: Value) -> [OptionSetting] {
    var settings: [UInt8: OptionSetting] = [:]
    for entry in Fields.entries(of: value, "options") ?? [] {
      let item = Value(node: entry.value, file: value.file, findings: value.findings)
      func mistake(_ text: String) {
        value.findings.mistake(text, at: entry.position, in: value.file.name)
      }
      guard let (code, kind) = row(entry.key, mistake), let bytes = kind.bytes(of: item) else {
        continue
      }
      guard settings[code] == nil else {
        mistake("option \(code) is set twice, by its name and by its code")
        continue
      }
      guard (1...255).contains(bytes.count) else {
        item.mistake("option \(code) would be \(bytes.count) bytes long, expected 1 to 255")
        continue
      }
      settings[code] = OptionSetting(code: code, value: bytes)
    }
    return settings.values.sorted { $0.code < $1.code }
  }

  private static func row(
    _ key: String, _ mistake: (String) -> Void
  ) -> (UInt8, OptionRow.Kind)? {
    if let row = OptionRow.all.first(where: { $0.name == key }) { return (row.code, row.kind) }
    let code = key.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt8(key) : nil
    if let own = OptionRow.elsewhere.first(where: { $0.name == key || $0.code == code }) {
      mistake("option \"\(key)\" has a key of its own: set \"\(own.key)\" of the subnet")
      return nil
    }
    if let code {
      guard !OptionRow.reserved.contains(code) else {
        mistake("option \(code) is the protocol's own and cannot be set")
        return nil
      }
      return (code, .hexadecimal)
    }
    mistake(
      "unknown option \"\(Value.shown(key))\", expected a name of RFC 2132 or a code, 1 to 254"
        + NearestName.question(key, among: OptionRow.all.map(\.name)))
    return nil
  }
}
