import Bytes
import Network

/// What the recorder keeps of one TFTP transfer: its first windows one by one, then stretches of what
/// went as it should.
struct TransferFlow {
  let seat: FlightRecorder.Seat
  let client: Endpoint
  let server: Endpoint
  /// The rendered text that it brings, without tokens; nil for files and secrets, of which only the
  /// length is kept.
  let text: [UInt8]?
  private var windows = 0
  private var stretch: Stretch?

  private struct Stretch {
    var first: UInt64
    var next: UInt64
    var size: Int
    var window: Int
    var start: Instant
    var end: Instant
    /// Whether the last window is acknowledged.
    var isAcknowledged = true
  }

  /// Windows that are kept one by one.
  private static let head = 8

  init(
    _ seat: FlightRecorder.Seat, client: Endpoint, server: Endpoint, text: [UInt8]?
  ) {
    self.seat = seat
    self.client = client
    self.server = server
    self.text = text
  }

  /// A window of ours.
  mutating func said(
    first: UInt64, count: Int, size: Int, last: Int, into recorder: inout FlightRecorder,
    at now: Instant
  ) {
    windows += 1
    recorder.touch(seat, at: now)
    if windows > Self.head, text == nil, last == size {
      if extend(first, count, size, at: now) { return }
      flush(into: &recorder)
      stretch = Stretch(
        first: first, next: first + UInt64(count), size: size, window: count, start: now, end: now,
        isAcknowledged: false)
      return
    }
    flush(into: &recorder)
    let window = FlightRecord.Window(count: count, size: size, last: last)
    guard let text else {
      return recorder.take(
        .blocks, of: seat, client, server, first: first, second: window.number, at: now)
    }
    let start = min(Int(first - 1) * size, text.count)
    let end = min(start + (count - 1) * size + last, text.count)
    recorder.take(
      .blocks, of: seat, client, server, first: first, second: window.number, at: now,
      text.rawSpan.extracting(start..<end))
  }

  private mutating func extend(
    _ first: UInt64, _ count: Int, _ size: Int, at now: Instant
  ) -> Bool {
    guard var next = stretch, next.isAcknowledged, next.next == first, next.size == size,
      next.window == count
    else { return false }
    next.next += UInt64(count)
    next.end = now
    next.isAcknowledged = false
    stretch = next
    return true
  }

  /// A packet of the machine's.
  mutating func heard(_ bytes: RawSpan, into recorder: inout FlightRecorder, at now: Instant) {
    if let next = stretch, !next.isAcknowledged, bytes.byteCount == 4,
      bytes.octet(at: 0) == 0, bytes.octet(at: 1) == 4,
      UInt16(bytes.octet(at: 2)) << 8 | UInt16(bytes.octet(at: 3))
        == UInt16(truncatingIfNeeded: next.next - 1)
    {
      stretch?.isAcknowledged = true
      return
    }
    flush(into: &recorder)
    recorder.take(.heard, of: seat, client, server, at: now, bytes)
  }

  /// OACK and ERROR.
  mutating func said(_ bytes: RawSpan, into recorder: inout FlightRecorder, at now: Instant) {
    flush(into: &recorder)
    recorder.take(.said, of: seat, client, server, at: now, bytes)
  }

  /// Writes the stretch down: before what follows it, and before the whole is read.
  mutating func flush(into recorder: inout FlightRecorder) {
    guard let done = stretch else { return }
    stretch = nil
    // The last window of an unfinished one stands for itself: nobody has acknowledged it.
    let pending = done.isAcknowledged ? 0 : UInt64(done.window)
    let count = Int(done.next - done.first - pending)
    if count > 0 {
      recorder.take(
        stretch: FlightRecord.Window(count: count, size: done.size, last: done.window),
        first: done.first, of: seat, client, server, from: done.start, to: done.end)
    }
    guard pending > 0 else { return }
    let window = FlightRecord.Window(count: done.window, size: done.size, last: done.size)
    recorder.take(
      .blocks, of: seat, client, server, first: done.next - pending, second: window.number,
      at: done.end)
  }
}
