import Bytes
import Network

extension Value {
  /// A number with s, m, h or d.
  func duration(
    _ example: String, from least: String, to most: String, _ seconds: ClosedRange<Int64>
  ) -> Duration? {
    read("a time as \(example), from \(least) to \(most), with s, m, h or d") { text in
      guard let count = Self.seconds(text), seconds.contains(count) else { return nil }
      return .seconds(count)
    }
  }

  static func seconds(_ text: String) -> Int64? {
    guard let unit = text.last, let count = Int64(text.dropLast()),
      (0...10_000_000).contains(count), text.first != "+"
    else { return nil }
    switch unit {
    case "s": return count
    case "m": return count * 60
    case "h": return count * 3_600
    case "d": return count * 86_400
    default: return nil
    }
  }
}

extension Value {
  func macAddress() -> MACAddress? {
    guard let address = read("a MAC address as 52:54:00:12:34:56", { MACAddress($0) }) else {
      return nil
    }
    if !address.isUnicast { mistake("\(address) is no address that a machine can have") }
    return address
  }

  func uuid() -> UUID? {
    read("a UUID as 4c4c4544-0042-4c10-8056-b4c04f4c4142") { UUID($0) }
  }

  /// Pairs of hexadecimal digits with colons, or after `0x`; any other text is its own octets.
  func octets() -> [UInt8]? {
    read("a text, or hexadecimal digits as 01:52:54:00:12:34:56 or 0x0a4d") { text in
      guard !text.isEmpty, text.utf8.count <= 255 else { return nil }
      if text.hasPrefix("0x") { return Hexadecimal.octets(text.dropFirst(2)) }
      let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
      if pairs.count > 1, pairs.allSatisfy({ $0.utf8.count == 2 }),
        let octets = Hexadecimal.octets(pairs.joined())
      {
        return octets
      }
      return Array(text.utf8)
    }
  }
}
