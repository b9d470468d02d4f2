import Network
import Wire

/// Where a query came from, and so where its answer goes.
package enum DNSClient: Hashable, Sendable {
  case datagram(Arrival)
  case stream(ConnectionID, IPv4Address)

  package var address: IPv4Address {
    switch self {
    case .datagram(let arrival): arrival.source.address
    case .stream(_, let address): address
    }
  }

  var isStream: Bool {
    switch self {
    case .datagram: false
    case .stream: true
    }
  }
}

/// What of a query shapes its answer, without its bytes.
struct DNSAsker: Sendable {
  var client: DNSClient
  var header: DNSHeader
  var edns: DNSExtension?
  /// Whether it is on a subnet of ours.
  var isLocal: Bool
  /// The octets of its query.
  var queryCount: Int

  /// The most octets that it takes: 512 without EDNS, and never more than pass the Internet
  /// without fragments. A stranger's address may be forged, so that what goes there by UDP is so
  /// many times its query at most; who is there really comes by TCP for the rest.
  var limit: Int {
    if client.isStream { return Int(UInt16.max) }
    let size = min(Int(edns?.payloadSize ?? 512), Int(Self.payloadSize))
    return isLocal ? size : min(size, queryCount * Self.mostAmplified)
  }

  /// How many times longer than its query a stranger's answer may be. A name with its addresses, or
  /// its absence with the zone's SOA, is within; a name with many records is not.
  static let mostAmplified = 8

  /// As the DNS Flag Day 2020 settled.
  static let payloadSize: UInt16 = 1232
}
