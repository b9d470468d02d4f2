import Boot
import Network
import Services

/// What a virtual appliance did, in order: what left it, what it stored and what it recorded.
package enum Outcome: Hashable, Sendable {
  case sent(SentDatagram)
  /// Bytes of an HTTP head or of a text on a connection.
  case responded(ConnectionID, [UInt8])
  /// A part of a file on a connection: the bytes of the whole file, and which of them.
  case respondedFile(ConnectionID, WorldFile, offset: Int, count: Int)
  case closed(ConnectionID)
  case stored(Lease)
  case erased(IPv4Address)
  case kept(RegistryChange)
  /// The rules that were tried for a message, in order. Once for each message that was decided on.
  case decided([Reason])
  /// A question to another DNS server, which a virtual appliance has none of.
  case asked(Endpoint)
  case recorded(Event)
}

/// A datagram of ours on its way.
package struct SentDatagram: Hashable, Sendable {
  package let source: Endpoint
  package let destination: Endpoint
  /// The hardware address of the frame, for a client that has no address yet.
  package let hardware: MACAddress?
  package let interface: Int32
  package let payload: [UInt8]

  package init(
    source: Endpoint, destination: Endpoint, hardware: MACAddress?, interface: Int32,
    payload: [UInt8]
  ) {
    self.source = source
    self.destination = destination
    self.hardware = hardware
    self.interface = interface
    self.payload = payload
  }
}
