import Bytes
import Network

/// One thing that our sockets saw or sent, as the ring keeps it: a head of fixed length, and octets.
struct FlightRecord: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    /// A whole datagram of the machine's.
    case heard = 1
    /// A whole datagram of ours.
    case said
    /// A window of TFTP's DATA, of which only rendered text is kept.
    case blocks
    /// Many windows that the machine acknowledged one by one.
    case stretch
    /// Of a connection, the machine's octets, and how many more that are not kept.
    case streamHeard
    /// Likewise ours.
    case streamSaid
    /// The connection is gone.
    case streamEnded
  }

  var kind: Kind
  var time: Instant
  /// The machine's end, or the broadcast address.
  var client: Endpoint
  /// Ours.
  var server: Endpoint
  /// The first block, or the connection's number.
  var first: UInt64 = 0
  /// Octets that are not kept, or of a ``Window``.
  var second: UInt64 = 0
  var octets: [UInt8] = []

  /// How many octets a head takes.
  static let headCount = 41

  /// The blocks of one or many windows, in 64 bits.
  struct Window: Hashable, Sendable {
    var count: Int
    var size: Int
    /// Of one window, the last block's length; of a stretch, blocks to a window.
    var last: Int

    init(count: Int, size: Int, last: Int) {
      self.count = count
      self.size = size
      self.last = last
    }

    init(_ number: UInt64) {
      count = Int(number >> 32)
      size = Int(number >> 16 & 0xffff)
      last = Int(number & 0xffff)
    }

    var number: UInt64 {
      UInt64(UInt32(clamping: count)) << 32 | UInt64(UInt16(clamping: size)) << 16
        | UInt64(UInt16(clamping: last))
    }
  }
}

extension FlightRecord {
  /// Reads the records that stand one after another in a ring's octets.
  static func all(in octets: [UInt8]) -> [FlightRecord] {
    var records: [FlightRecord] = []
    var reader = ByteReader(octets.rawSpan)
    while reader.remaining >= headCount, let record = try? next(&reader) { records.append(record) }
    return records
  }

  private static func next(_ reader: inout ByteReader) throws(Malformed) -> FlightRecord {
    guard let kind = Kind(rawValue: try reader.read(UInt8.self)) else {
      throw Malformed(.invalid("record"), at: reader.offset)
    }
    let time = Instant(nanoseconds: Int64(bitPattern: try reader.read(UInt64.self)))
    let client = Endpoint(IPv4Address(try reader.read(UInt32.self)), try reader.read())
    let server = Endpoint(IPv4Address(try reader.read(UInt32.self)), try reader.read())
    var record = FlightRecord(kind: kind, time: time, client: client, server: server)
    record.first = try reader.read()
    record.second = try reader.read()
    let count = Int(try reader.read(UInt32.self))
    record.octets = try reader.read(count: count).octets()
    return record
  }
}
