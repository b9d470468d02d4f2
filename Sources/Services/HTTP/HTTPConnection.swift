import Boot
import Bytes
import Network
import Wire

/// What the HTTP service knows of one connection. It holds no buffer: bytes of a request that is
/// not whole yet stay with the driver, which hands them again with what follows.
package struct HTTPConnection: Sendable {
  package let id: ConnectionID
  /// The other end; unspecified for a unix socket.
  package let client: IPv4Address

  var phase = Phase.head
  var scanner = HTTPHeadScanner()
  /// What is being answered; nil between requests.
  var exchange: HTTPExchange?
  /// Body bytes of a report, so far.
  var body: [UInt8] = []

  enum Phase: Equatable, Sendable {
    /// A request's head is awaited.
    case head
    /// Its body is: this many more bytes.
    case body(remaining: Int)
    /// The driver has yet to say what the resource holds.
    case opening
    /// The driver sends a file.
    case sending
    /// Nothing more is read.
    case closing
  }

  package init(id: ConnectionID, client: IPv4Address) {
    self.id = id
    self.client = client
  }

  /// Whether only the head of what is being opened will be sent.
  package var isPeek: Bool { exchange?.method == .head }

  /// Whether the answer to a request is the driver's to give yet.
  package var awaitsDriver: Bool { phase == .opening }

  /// Whether a body is being received, which has ``HTTPServiceLimits/bodyDuration`` to arrive whole.
  package var awaitsBody: Bool {
    switch phase {
    case .body: true
    case .head, .opening, .sending, .closing: false
    }
  }
}

/// One request between its head and the end of its response.
struct HTTPExchange: Sendable {
  let method: HTTPMethod
  let resource: Resource
  /// The path as events name it.
  let name: String
  let keepsAlive: Bool
  let range: HTTPByteRange
  /// If-Range, If-None-Match and If-Modified-Since as they were sent; rare enough to be copied.
  let ifRange: [UInt8]
  let ifNoneMatch: [UInt8]
  let ifModifiedSince: HTTPDate?
  let started: Instant
  /// Bytes that the response promises.
  var byteCount = 0

  init(
    _ head: borrowing HTTPRequestHead, _ route: HTTPRoute, at now: Instant
  ) {
    method = head.method
    resource = route.resource
    name = route.name
    keepsAlive = head.keepsAlive
    range = HTTPByteRange(head.range)
    ifRange = head.ifRange.octets()
    ifNoneMatch = head.ifNoneMatch.octets()
    ifModifiedSince = HTTPDate(head.ifModifiedSince)
    started = now
  }

  /// Whether the client has these very bytes already (RFC 9110 §13.2.2).
  func hasCopy(of tag: HTTPEntityTag) -> Bool {
    if !ifNoneMatch.isEmpty { return tag.isListed(in: ifNoneMatch.rawSpan) }
    guard let date = ifModifiedSince else { return false }
    return tag.modified.seconds <= date.seconds
  }

  /// What is sent of the file: a range only of a GET, and only if If-Range still names the file.
  func selection(of tag: HTTPEntityTag) -> HTTPSelection {
    guard method == .get, range != .whole else { return .whole }
    if !ifRange.isEmpty, !tag.isExactly(ifRange.rawSpan),
      HTTPDate(ifRange.rawSpan)?.seconds != tag.modified.seconds
    {
      return .whole
    }
    return range.selection(of: tag.size)
  }
}
