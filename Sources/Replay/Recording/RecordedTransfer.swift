import Network
import Wire

/// One TFTP transfer of a recording: a read request and all that followed between its two ports.
package struct RecordedTransfer: Hashable, Sendable {
  /// How it went, as far as the recording shows.
  package enum Ending: Hashable, Sendable {
    /// The client has acknowledged the last block.
    case completed
    /// The client only wanted to know the size, and said so by an ERROR.
    case probed
    /// The server refused, with ERROR.
    case refused(code: UInt16)
    /// The client broke off by an ERROR in the midst of DATA.
    case aborted(code: UInt16)
    /// Nobody answered.
    case unanswered
    /// The recording, or the transfer, stops before the end.
    case cut
  }

  package var request: RecordedDatagram
  /// The name as it was sent.
  package var name: [UInt8]
  package var asked: TFTPOptionValues
  /// What the server's OACK said; nil without one.
  package var granted: TFTPOptionValues?
  /// What the client sent after its first request, repeated requests too, in order of time.
  package var fromClient: [RecordedDatagram]
  /// OACK, DATA and ERROR, in order of time.
  package var fromServer: [RecordedDatagram]
  package var content: RecordedContent
  package var ending: Ending
  /// Where frames hold bytes of the file, in the order of the frames; blocks sent twice are there
  /// twice.
  package var pieces: [FramePiece]

  package init(
    request: RecordedDatagram, name: [UInt8], asked: TFTPOptionValues,
    granted: TFTPOptionValues? = nil, fromClient: [RecordedDatagram] = [],
    fromServer: [RecordedDatagram] = [],
    content: RecordedContent = RecordedContent(octets: [], byteCount: nil),
    ending: Ending = .unanswered, pieces: [FramePiece] = []
  ) {
    self.request = request
    self.name = name
    self.asked = asked
    self.granted = granted
    self.fromClient = fromClient
    self.fromServer = fromServer
    self.content = content
    self.ending = ending
    self.pieces = pieces
  }

  /// When its last packet was.
  package var finished: Instant {
    max(fromClient.last?.time ?? request.time, fromServer.last?.time ?? request.time)
  }
}
