import Boot
import Bytes
import Network
import Wire

/// How a recording's addresses and names stand for those of the world that it is played in.
struct Stage: Sendable {
  /// The server of the recording that we stand in for; nil: none spoke.
  let recordedServer: IPv4Address?
  /// The other servers of the recording, whose messages are none of ours.
  let foreignServers: [IPv4Address]
  /// Where the recording's machines were led to: they fetch from these, and what they fetch from
  /// others is none of ours. Empty: nobody led them, and whoever answers stands for us.
  let recordedHosts: Set<IPv4Address>
  /// Of the recording made on the client's side of a relay: the relay, which is put in between.
  let relay: IPv4Address?
  /// Our address and interface, where the world has one network for all.
  let local: IPv4Address
  let interface: Int32

  /// Where a datagram of the recording arrives in the world.
  func arrival(
    of datagram: RecordedDatagram, from source: IPv4Address, relay: IPv4Address
  ) -> Arrival {
    let isBroadcast =
      datagram.destination.address == .broadcast
      || !datagram.destination.address.isUnicast
    let sender = relay == .unspecified ? source : relay
    let port = relay == .unspecified ? datagram.source.port : 67
    return Arrival(
      source: Endpoint(sender, port),
      destination: Endpoint(
        isBroadcast && relay == .unspecified ? .broadcast : local, datagram.destination.port),
      local: local, interface: interface)
  }

  /// A DHCP message of a client as it is said in the world.
  ///
  /// - Parameters:
  ///   - address: The client's address here, for that of the recording.
  ///   - identifier: The server that it names here.
  func translated(
    _ question: RecordedQuestion, addresses: [IPv4Address], to address: IPv4Address?,
    identifier: IPv4Address
  ) -> [UInt8] {
    var payload = question.datagram.payload
    func put(_ address: IPv4Address, at offset: Int) {
      let (a, b, c, d) = address.octets
      for (index, octet) in [a, b, c, d].enumerated() where offset + index < payload.count {
        payload[offset + index] = octet
      }
    }
    func here(_ there: IPv4Address) -> IPv4Address {
      addresses.contains(there) ? address ?? there : there
    }
    let header = question.meaning.header
    if header.clientAddress != .unspecified { put(here(header.clientAddress), at: 12) }
    if header.serverAddress != .unspecified, header.serverAddress == recordedServer {
      put(identifier, at: 20)
    }
    if let relay, header.relayAddress == .unspecified, !Self.isUnicast(question) {
      payload[3] = header.hops &+ 1
      put(relay, at: 24)
    }
    for place in Self.places(
      of: [DHCPOption.requestedAddress, DHCPOption.serverIdentifier], payload)
    {
      let there = IPv4Address(
        payload[place.start], payload[place.start + 1], payload[place.start + 2],
        payload[place.start + 3])
      if place.code == DHCPOption.requestedAddress {
        put(here(there), at: place.start)
      } else if there == recordedServer || recordedServer == nil {
        put(identifier, at: place.start)
      }
    }
    return payload
  }

  /// What was sent to one address goes past the relay.
  static func isUnicast(_ question: RecordedQuestion) -> Bool {
    question.datagram.destination.address.isUnicast
      && question.meaning.header.clientAddress != .unspecified
  }

  /// Where options of one address stand.
  private static func places(of codes: [UInt8], _ payload: [UInt8]) -> [DHCPOptionPlace] {
    guard let message = try? DHCPMessage(checking: payload.rawSpan) else { return [] }
    var places: [DHCPOptionPlace] = []
    var walk = message.options
    while let option = (try? walk.next()) ?? nil {
      guard codes.contains(option.code), option.count == 4 else { continue }
      places.append(DHCPOptionPlace(code: option.code, start: option.start))
    }
    return places
  }

  private struct DHCPOptionPlace {
    let code: UInt8
    let start: Int
  }
}
