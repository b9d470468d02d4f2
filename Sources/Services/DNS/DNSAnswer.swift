import Bytes
import Network
import Wire

/// Another server's answer as it is kept and passed on: checked, without OPT.
struct DNSAnswer: Sendable {
  /// The message; its id and the flags of one asker's are written over for each.
  private(set) var bytes: [UInt8]
  private var questionCount: Int
  /// Where the records' times to live stand.
  private var lifetimes: [Int] = []
  private(set) var received: Instant
  /// When it must be forgotten; `received` for what may not be kept at all.
  private(set) var expiry: Instant
  let code: UInt8
  /// Whether it had private addresses, which were taken out.
  private(set) var wasRebinding = false

  private static let longestLifetime: UInt32 = 86_400
  private static let longestNegative: UInt32 = 3_600
  /// Longer answers come by TCP, and are asked for anew: what is kept is bounded.
  private static let longestKept = 4_096

  /// - Throws: ``Malformed`` for an answer whose parts contradict each other.
  init(_ reply: borrowing DNSReply, at now: Instant) throws(Malformed) {
    let message = reply.bytes
    var end = reply.recordsStart
    var additional: UInt16 = 0
    var shortest = Self.longestLifetime
    var negative: UInt32?
    var offsets: [Int] = []
    var isPrivate = false
    var isOver = false
    try reply.eachRecord { record, section throws(Malformed) in
      // What stands behind OPT is of no use to anybody: its pointers may not lead there.
      if isOver || record.type == DNSType.opt && section == 2 {
        isOver = true
        return
      }
      if section == 2 { additional += 1 }
      end = record.end
      offsets.append(record.lifetimeOffset)
      let lifetime = record.lifetime > UInt32(Int32.max) ? 0 : record.lifetime
      if section < 2 { shortest = min(shortest, lifetime) }
      if section == 1, record.type == DNSType.soa, record.dataCount >= 22 {
        var reader = ByteReader(message.extracting(record.end - 4..<record.end))
        negative = min(lifetime, try reader.read(UInt32.self))
      }
      if section == 0, try Self.isPrivate(record, message) { isPrivate = true }
    }
    code = reply.header.responseCode
    received = now
    questionCount = reply.recordsStart - DNSHeader.byteCount
    lifetimes = offsets
    bytes = message.extracting(0..<end).octets()
    bytes[10] = UInt8(truncatingIfNeeded: additional >> 8)
    bytes[11] = UInt8(truncatingIfNeeded: additional)
    let isNegative = code == 3 || reply.header.answerCount == 0
    if isNegative { shortest = min(shortest, negative ?? 0, Self.longestNegative) }
    let mayBeKept =
      (code == 0 || code == 3) && !reply.header.isTruncated && bytes.count <= Self.longestKept
    expiry = mayBeKept ? now + .seconds(Int64(shortest)) : now
    if isPrivate { empty() }
  }

  /// A failure of our own making, kept for a moment so that it is not asked for at once again
  /// (RFC 9520 §3.2).
  init(failureOf question: DNSQuestion, at now: Instant) {
    var output = ByteWriter()
    DNSHeader(id: 0, flags: DNSHeader.response | 2, questionCount: 1).encode(into: &output)
    output.write(question.name.octets)
    output.write(question.type)
    output.write(DNSClass.internet)
    bytes = output.bytes
    questionCount = output.count - DNSHeader.byteCount
    received = now
    expiry = now + .seconds(5)
    code = 2
  }

  /// No addresses of private networks from outside: a page could reach the site's own machines by
  /// them (DNS rebinding). As other servers do, the name is left without an address.
  private mutating func empty() {
    bytes.removeLast(bytes.count - DNSHeader.byteCount - questionCount)
    for index in 6..<12 { bytes[index] = 0 }
    lifetimes = []
    expiry = received
    wasRebinding = true
  }

  /// Appends the answer as `asker` gets it, with its own `question`.
  func encode(
    for asker: DNSAsker, question: RawSpan, at now: Instant, into output: inout ByteWriter
  ) {
    let start = output.count
    let room = asker.limit - (asker.edns == nil ? 0 : DNSExtension.byteCount)
    let isCut = bytes.count > room || question.byteCount != questionCount
    output.write(bytes[..<DNSHeader.byteCount])
    output.write(question)
    if !isCut { output.write(bytes[(DNSHeader.byteCount + questionCount)...]) }
    let copied = DNSHeader.recursionDesired | DNSHeader.checkingDisabled
    var flags = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    flags &= DNSHeader.truncated | 0x000f
    flags |= DNSHeader.response | DNSHeader.recursionAvailable | asker.header.flags & copied
    if isCut { flags |= DNSHeader.truncated }
    output.replace(asker.header.id, at: start)
    output.replace(flags, at: start + 2)
    var additional = UInt16(bytes[10]) << 8 | UInt16(bytes[11])
    if isCut {
      for offset in [6, 8] { output.replace(UInt16(0), at: start + offset) }
      additional = 0
    } else {
      age(start, at: now, &output)
    }
    if let edns = asker.edns {
      additional += 1
      DNSExtension(payloadSize: DNSAsker.payloadSize, wantsSecurity: edns.wantsSecurity)
        .encode(into: &output)
    }
    output.replace(additional, at: start + 10)
  }

  /// Takes off the time that the answer has been here.
  private func age(_ start: Int, at now: Instant, _ output: inout ByteWriter) {
    let age = (now - received).wholeSeconds
    guard age > 0 else { return }
    for offset in lifetimes {
      let lifetime = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
      let left = lifetime > age ? lifetime - age : 0
      output.replace(UInt16(left >> 16), at: start + offset)
      output.replace(UInt16(truncatingIfNeeded: left), at: start + offset + 2)
    }
  }

  /// Whether an A or AAAA record leads into a private network, or to the asker itself.
  private static func isPrivate(
    _ record: DNSRecord, _ message: RawSpan
  ) throws(Malformed) -> Bool {
    guard record.recordClass == DNSClass.internet else { return false }
    var reader = ByteReader(
      message.extracting(record.dataStart..<record.end), base: record.dataStart)
    switch record.type {
    case DNSType.a:
      guard record.dataCount == 4 else { throw Malformed(.invalid("A"), at: record.dataStart) }
      return IPv4Address(try reader.read()).isPrivate
    case DNSType.aaaa:
      guard record.dataCount == 16 else {
        throw Malformed(.invalid("AAAA"), at: record.dataStart)
      }
      let high: UInt64 = try reader.read()
      return IPv6Address(high: high, low: try reader.read()).isPrivate
    default: return false
    }
  }
}
