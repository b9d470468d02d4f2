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

  /// Behind the head of a request that was refused, its body may stand.
  func heardHead(_ bytes: RawSpan, into recorder: inout FlightRecorder, at now: Instant) {
    let count = min(Self.headCount(bytes), Self.longestHead)
    recorder.take(
      .streamHeard, of: seat, client, server, first: number,
      second: UInt64(bytes.byteCount - count), at: now, bytes.extracting(0..<count))
  }

  func heardBody(_ count: Int, into recorder: inout FlightRecorder, at now: Instant) {
    recorder.touch(seat, at: now)
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
    recorder.touch(seat, at: now)
    recorder.take(
      .streamSaid, of: seat, client, server, first: number, second: UInt64(count), at: now)
  }

  /// - Parameter unsent: How many of the octets that were said never left.
  func ended(unsent: Int, into recorder: inout FlightRecorder, at now: Instant) {
    recorder.take(
      .streamEnded, of: seat, client, server, first: number, second: UInt64(max(0, unsent)), at: now
    )
  }

  /// Up to the empty line behind a head, whichever line ends it has; empty ones before it belong to it.
  private static func headCount(_ bytes: RawSpan) -> Int {
    var isEmpty = false
    var hasBegun = false
    for index in 0..<bytes.byteCount {
      switch bytes.octet(at: index) {
      case 0x0a where isEmpty: return index + 1
      case 0x0a: isEmpty = hasBegun
      case 0x0d: break
      case _:
        isEmpty = false
        hasBegun = true
      }
    }
    return bytes.byteCount
  }
}
