import Network

/// A whole UDP datagram of a recording.
package struct RecordedDatagram: Hashable, Sendable {
  /// The number of its frame, of its last one where it came in fragments.
  package let frame: Int
  /// Since the recording's first frame.
  package let time: Instant
  /// The link's addresses; nil where the capture has none.
  package let sourceHardware: MACAddress?
  package let destinationHardware: MACAddress?
  package let source: Endpoint
  package let destination: Endpoint
  package let payload: [UInt8]

  package init(
    frame: Int, time: Instant, sourceHardware: MACAddress?, destinationHardware: MACAddress?,
    source: Endpoint, destination: Endpoint, payload: [UInt8]
  ) {
    self.frame = frame
    self.time = time
    self.sourceHardware = sourceHardware
    self.destinationHardware = destinationHardware
    self.source = source
    self.destination = destination
    self.payload = payload
  }
}
