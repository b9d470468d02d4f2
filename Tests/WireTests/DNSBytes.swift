import Bytes
import Network
import Wire

/// DNS messages put together by hand.
enum DNSBytes {
  static func header(
    id: UInt16 = 0x1234, flags: UInt16 = 0x0100, _ counts: [UInt16] = [1, 0, 0, 0]
  ) -> [UInt8] {
    ([id, flags] + counts).flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  /// `7www…0` for `www.lab.test`, letters as they are.
  static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func question(_ name: String, _ type: UInt16 = DNSType.a) -> [UInt8] {
    self.name(name) + [UInt8(type >> 8), UInt8(truncatingIfNeeded: type), 0, 1]
  }

  static func query(_ name: String, _ type: UInt16 = DNSType.a) -> [UInt8] {
    header() + question(name, type)
  }

  /// An OPT record that takes 4,096 octets, with DO.
  static let opt: [UInt8] = [0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0]

  static func query(_ bytes: [UInt8]) throws -> (name: DomainName, type: UInt16, edns: Bool) {
    let query = try DNSQuery(DNSHeader(decoding: bytes.rawSpan), checking: bytes.rawSpan)
    var name = DomainName()
    try query.readName(into: &name)
    return (name, query.type, query.edns != nil)
  }

  /// The owners, types and data of a reply's records.
  static func records(_ bytes: [UInt8]) throws -> [(name: String, type: UInt16, data: [UInt8])] {
    let reply = try DNSReply(checking: bytes.rawSpan)
    var records: [(name: String, type: UInt16, data: [UInt8])] = []
    try reply.eachRecord { record, _ throws(Malformed) in
      var name = DomainName()
      try DNSNameReader.read(bytes.rawSpan, at: record.start, into: &name)
      records.append((name.description, record.type, Array(bytes[record.dataStart..<record.end])))
    }
    return records
  }
}
