import Bytes
import Network

/// What the recorder keeps of one HTTP connection: heads, and how long what follows them was.
struct StreamFlow {
  let seat: FlightRecorder.Seat
  let client: Endpoint
  let server: Endpoint
  let number: UInt64
  /// Whether the body of the next response may be kept: a script or menu without secrets.
  var keepsBody = false

  /// A request's head is never longer than the service takes.
  private static let longestHead = 8192

  func heardHead(_ bytes: RawSpan, into recorder: inout FlightRecorder, at now: Instant) {
    let count = min(bytes.byteCount, Self.longestHead)
    recorder.take(
      .streamHeard, of: seat, client, server, first: number,
      second: UInt64(bytes.byteCount - count), at: now, bytes.extracting(0..<count))
  }

  func heardBody(_ count: Int, into recorder: inout FlightRecorder, at now: Instant) {
    recorder.take(
      .streamHeard, of: seat, client, server, first: number, second: UInt64(count), at: now)
  }

  mutating func said(_ bytes: RawSpan, into recorder: inout FlightRecorder, at now: Instant) {
    let head = Self.headCount(bytes)
    let isShort = bytes.byteCount - head <= Self.longestHead * 2
    let count = keepsBody && isShort ? bytes.byteCount : head
    keepsBody = false
    recorder.take(
      .streamSaid, of: seat, client, server, first: number,
      second: UInt64(bytes.byteCount - count), at: now, bytes.extracting(0..<count))
  }

  func saidFile(_ count: Int, into recorder: inout FlightRecorder, at now: Instant) {
    recorder.take(
      .streamSaid, of: seat, client, server, first: number, second: UInt64(count), at: now)
  }

  /// - Parameter unsent: How many of the octets that were said never left.
  func ended(unsent: Int, into recorder: inout FlightRecorder, at now: Instant) {
    recorder.take(
      .streamEnded, of: seat, client, server, first: number, second: UInt64(max(0, unsent)), at: now
    )
  }

  /// Up to the empty line of a response's head.
  private static func headCount(_ bytes: RawSpan) -> Int {
    guard bytes.byteCount >= 4 else { return bytes.byteCount }
    for index in 3..<bytes.byteCount
    where bytes.octet(at: index) == 0x0a && bytes.octet(at: index - 1) == 0x0d
      && bytes.octet(at: index - 2) == 0x0a && bytes.octet(at: index - 3) == 0x0d
    {
      return index + 1
    }
    return bytes.byteCount
  }
}
