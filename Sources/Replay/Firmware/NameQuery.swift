import Bytes
import Network
import Wire

/// A question for the address of a name, as firmware without a cache asks it.
struct NameQuery: Sendable {
  let name: String
  private let server: IPv4Address
  private var id: UInt16 = 0
  private var port: UInt16 = 0
  private var message: [UInt8] = []
  private var attempt = 0
  private(set) var nextDeadline: Instant?

  private static let attempts = 4
  private static let patience = Duration.seconds(1)

  enum Answer: Sendable {
    case address(IPv4Address)
    /// There is no such name, or it has no address.
    case unknown(String)
    /// The server does not say.
    case unanswered(String)
  }

  init(_ name: String, at server: IPv4Address) {
    self.name = name
    self.server = server
  }

  mutating func begin(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) -> Answer? {
    var text = name
    if !text.contains("."), let domain = station.lease?.domain { text += ".\(domain)" }
    guard let owner = DomainName(text) else { return .unknown("\(name) is no name of a host") }
    id = UInt16(truncatingIfNeeded: station.freshNumber())
    port = station.freshPort()
    var writer = ByteWriter()
    DNSHeader(id: id, flags: DNSHeader.recursionDesired, questionCount: 1).encode(into: &writer)
    writer.write(owner.octets)
    writer.write(DNSType.a)
    writer.write(DNSClass.internet)
    message = writer.bytes
    send(at: now, station, into: &requests)
    return nil
  }

  private mutating func send(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) {
    nextDeadline = now + Self.patience
    requests.append(
      .datagram(
        from: Endpoint(station.address, port), to: Endpoint(server, 53), message))
  }

  mutating func timeout(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) -> Answer? {
    attempt += 1
    guard attempt < Self.attempts else {
      return .unanswered("\(server) does not answer who \(name) is")
    }
    send(at: now, station, into: &requests)
    return nil
  }

  func receive(_ datagram: SentDatagram) -> Answer? {
    guard datagram.destination.port == port, datagram.source == Endpoint(server, 53) else {
      return nil
    }
    do throws(Malformed) {
      let reply = try DNSReply(checking: datagram.payload.rawSpan)
      guard reply.header.id == id else { return nil }
      guard let address = try Self.address(in: reply) else {
        let reason = "\(server) knows no address of \(name)"
        return reply.header.isAuthoritative ? .unknown(reason) : .unanswered(reason)
      }
      return .address(address)
    } catch { return nil }
  }

  /// The first address among the answers, whichever alias led to it.
  private static func address(in reply: borrowing DNSReply) throws(Malformed) -> IPv4Address? {
    var found: IPv4Address?
    let bytes = reply.bytes
    try reply.eachRecord { record, section throws(Malformed) in
      guard section == 0, record.type == DNSType.a, record.dataCount == 4, found == nil else {
        return
      }
      found = IPv4Address(
        bytes.octet(at: record.dataStart), bytes.octet(at: record.dataStart + 1),
        bytes.octet(at: record.dataStart + 2), bytes.octet(at: record.dataStart + 3))
    }
    return found
  }
}
