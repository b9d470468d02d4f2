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

  /// Calls `body` with the frame written last.
  func withBytes(_ body: (RawSpan) -> Void) { body(writer.bytes.rawSpan) }
}
