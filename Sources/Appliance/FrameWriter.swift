import Bytes
import Network
import Wire

/// Builds one Ethernet frame after another in the same memory.
struct FrameWriter {
  private var writer = ByteWriter(reserving: 1600)

  mutating func write(
    to endpoint: Endpoint, hardware: MACAddress, from source: Endpoint,
    sourceHardware: MACAddress, payload: RawSpan
  ) {
    writer.clear()
    UDPDatagram.encodeFrame(
      to: endpoint, hardware: hardware, from: source, sourceHardware: sourceHardware,
      payload: payload, into: &writer)
  }

  /// An ARP probe (RFC 5227 §2.1.1): to everyone, and from no address of ours.
  mutating func writeProbe(for address: IPv4Address, from hardware: MACAddress) {
    writer.clear()
    EthernetFrame.encodeHead(
      to: .broadcast, from: hardware, type: EtherType.arp, into: &writer)
    ARPPacket(
      .request, senderHardware: hardware, sender: .unspecified, targetHardware: .zero,
      target: address
    ).encode(into: &writer)
  }

  /// No frame: an ICMP message, whose heads the kernel writes.
  mutating func writeEchoRequest(_ mark: EchoMark) {
    writer.clear()
    EchoMessage.encodeRequest(mark, into: &writer)
  }

  /// Calls `body` with the frame written last.
  func withBytes<Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Void
  ) throws(Failure) { try body(writer.bytes.rawSpan) }
}
