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

  /// The most octets that it takes: 512 without EDNS, and never more than pass the Internet
  /// without fragments.
  var limit: Int {
    if client.isStream { return Int(UInt16.max) }
    return min(Int(edns?.payloadSize ?? 512), Int(Self.payloadSize))
  }

  /// As the DNS Flag Day 2020 settled.
  static let payloadSize: UInt16 = 1232
}
