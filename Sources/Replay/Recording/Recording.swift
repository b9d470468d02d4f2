import Network

/// What a capture holds that a boot server has to do with, taken apart and in order of time.
///
/// Nothing in here is trusted: whoever made the capture wrote every byte of it.
package struct Recording: Hashable, Sendable {
  /// Messages to and from ports 67, 68 and 4011 whose payload is a DHCP or BOOTP message.
  package var messages: [RecordedDatagram]
  package var transfers: [RecordedTransfer]
  package var connections: [RecordedConnection]
  /// Queries and answers of port 53, by UDP.
  package var names: [RecordedDatagram]
  /// How many frames the capture has, and how many of them hold something of the above.
  package var frameCount: Int
  package var usedFrameCount: Int
  /// Since its first frame.
  package var duration: Duration
  /// What was wrong with it: gaps, cut frames, fragments without an end. Bounded.
  package var remarks: [String]

  package init(
    messages: [RecordedDatagram] = [], transfers: [RecordedTransfer] = [],
    connections: [RecordedConnection] = [], names: [RecordedDatagram] = [], frameCount: Int = 0,
    usedFrameCount: Int = 0, duration: Duration = .zero, remarks: [String] = []
  ) {
    self.messages = messages
    self.transfers = transfers
    self.connections = connections
    self.names = names
    self.frameCount = frameCount
    self.usedFrameCount = usedFrameCount
    self.duration = duration
    self.remarks = remarks
  }
}
