import Boot
import Network

/// Reads the data of a record as an operator writes it, into its wire form.
struct RecordText {
  let type: String
  /// What single labels stand below; nil for no zone.
  let zone: DomainName?

  init(_ type: String, zone: DomainName?) {
    self.type = type
    self.zone = zone
  }

  func read(_ value: Value) -> (type: RecordType, data: [UInt8])? {
    switch type {
    case "A":
      return value.address().map {
        let (a, b, c, d) = $0.octets
        return (.a, [a, b, c, d])
      }
    case "AAAA":
      return value.read("an IPv6 address as 2001:db8::1") { IPv6Address($0) }
        .map { (.aaaa, $0.octets) }
    case "CNAME": return name(value).map { (.cname, $0) }
    case "NS": return name(value).map { (.ns, $0) }
    case "PTR": return name(value).map { (.ptr, $0) }
    case "MX": return numbersAndName(value, 1, "a mail exchanger as 10 mail").map { (.mx, $0) }
    case "SRV":
      return numbersAndName(value, 3, "a service as 0 5 5060 sip: priority, weight, port, name")
        .map { (.srv, $0) }
    default: return text(value).map { (.txt, $0) }
    }
  }

  private func name(_ value: Value) -> [UInt8]? {
    value.read("a domain name as www, or www.lab.test") { target($0)?.octets }
  }

  /// A single label stands below the zone, as in zone files; a name with dots is whole.
  private func target(_ text: String) -> DomainName? {
    guard let name = DomainName(text) else { return nil }
    guard !text.contains("."), let zone else { return name }
    return Zones.name(text, in: zone)
  }

  private func numbersAndName(_ value: Value, _ count: Int, _ expected: String) -> [UInt8]? {
    value.read(expected) { text in
      let parts = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard parts.count == count + 1, let name = target(String(parts[count])) else { return nil }
      var octets: [UInt8] = []
      for part in parts.prefix(count) {
        guard let number: UInt16 = Value.integer(String(part)) else { return nil }
        octets += [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)]
      }
      return octets + name.octets
    }
  }

  private static let longestText = 4_096

  /// Cut into strings of 255 octets, which readers join (RFC 7208 §3.3 and others).
  private func text(_ value: Value) -> [UInt8]? {
    value.read("a text of at most \(Self.longestText) octets") { text in
      guard text.utf8.count <= Self.longestText else { return nil }
      var octets: [UInt8] = []
      var rest = Array(text.utf8)[...]
      repeat {
        let piece = rest.prefix(255)
        octets.append(UInt8(piece.count))
        octets += piece
        rest = rest.dropFirst(piece.count)
      } while !rest.isEmpty
      return octets
    }
  }
}
