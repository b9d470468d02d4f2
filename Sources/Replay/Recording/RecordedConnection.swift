import Network

/// One TCP connection of a recording that spoke HTTP.
package struct RecordedConnection: Hashable, Sendable {
  /// Of the frame that opened it, or of the first that was seen.
  package var frame: Int
  package var opened: Instant
  package var clientHardware: MACAddress?
  package var client: Endpoint
  package var server: Endpoint
  package var exchanges: [RecordedExchange]
  /// Bytes that are missing, in words: `17 bytes from the server before packet 40 are missing`.
  package var gaps: [String]

  package init(
    frame: Int, opened: Instant, clientHardware: MACAddress?, client: Endpoint, server: Endpoint,
    exchanges: [RecordedExchange] = [], gaps: [String] = []
  ) {
    self.frame = frame
    self.opened = opened
    self.clientHardware = clientHardware
    self.client = client
    self.server = server
    self.exchanges = exchanges
    self.gaps = gaps
  }
}

/// A request and its response.
package struct RecordedExchange: Hashable, Sendable {
  /// Of the frame that completes the request's head.
  package var frame: Int
  /// When the request was whole.
  package var time: Instant
  /// The request's head as it was sent, the empty line included.
  package var head: [UInt8]
  package var method: String
  /// As in the request line: path and query, percent-encoded.
  package var target: String
  package var body: [UInt8]
  /// nil: no response was recorded.
  package var response: RecordedResponse?
  /// Where frames hold bytes of `body`.
  package var bodyPieces: [FramePiece]

  package init(
    frame: Int, time: Instant, head: [UInt8], method: String, target: String, body: [UInt8] = [],
    response: RecordedResponse? = nil, bodyPieces: [FramePiece] = []
  ) {
    self.frame = frame
    self.time = time
    self.head = head
    self.method = method
    self.target = target
    self.body = body
    self.response = response
    self.bodyPieces = bodyPieces
  }
}

package struct RecordedResponse: Hashable, Sendable {
  package var status: Int
  /// The head as it was sent, the empty line included.
  package var head: [UInt8]
  /// With the chunks of a chunked body put together.
  package var content: RecordedContent
  /// When its last byte came.
  package var finished: Instant
  /// Where frames hold bytes of the content; bytes sent twice are there twice.
  package var pieces: [FramePiece]

  package init(
    status: Int, head: [UInt8], content: RecordedContent, finished: Instant,
    pieces: [FramePiece] = []
  ) {
    self.status = status
    self.head = head
    self.content = content
    self.finished = finished
    self.pieces = pieces
  }
}
