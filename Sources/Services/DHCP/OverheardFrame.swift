import Bytes
import Network
import Wire

/// A DHCP message as it is in its frame, with who put it on the wire.
struct OverheardFrame: ~Escapable {
  let source: MACAddress
  /// The IPv4 address that it came from.
  let sender: IPv4Address
  let message: DHCPMessage

  /// Checks no checksum: the network card has, or is yet to write it where the sender is a guest of
  /// this box.
  @_lifetime(copy bytes)
  init(checking bytes: RawSpan) throws(Malformed) {
    let frame = try EthernetFrame(checking: bytes)
    let packet = try IPv4Packet(checking: frame.payload, asCaptured: true)
    let datagram = try UDPDatagram(checking: packet, ignoringChecksum: true)
    source = frame.source
    sender = packet.source
    message = try DHCPMessage(checking: datagram.payload)
  }
}
