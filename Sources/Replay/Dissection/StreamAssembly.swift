import Wire

/// One direction of a TCP connection while its segments are read.
///
/// Offsets count the bytes of the stream from 0, so that sequence numbers may wrap around as often
/// as they like.
struct StreamAssembly {
  /// A piece in its order, and the frame whose coming made it readable.
  struct Delivered {
    var place: Place
    var by: Int
  }

  /// Bytes that no frame holds.
  struct Gap {
    var start: Int
    var count: Int
    /// The frame that holds what follows; nil at the end.
    var before: Int?
  }

  /// Of the byte at offset 0; nil until a segment was seen.
  private var base: UInt32?
  private(set) var hasStart = false
  private(set) var delivered: [Delivered] = []
  private(set) var gaps: [Gap] = []
  /// Bytes that came again.
  private(set) var copies: [Place] = []
  private var held = PlaceList()
  private var next = 0
  private var finish: Int?
  private var acknowledged = 0

  /// Segments further off than the largest window are no part of the connection.
  private static let window = 1 << 30

  var isEmpty: Bool { delivered.isEmpty && held.count == 0 }
  /// Whether it ended with a FIN right behind its last byte.
  var isFinished: Bool { finish == next }
  /// The frame that holds its first bytes.
  var firstFrame: Int? { delivered.first?.place.frame ?? held.first?.frame }

  /// Whether a SYN with this sequence number belongs to a connection that was begun by another.
  func isForeign(synchronize number: UInt32) -> Bool {
    guard let base else { return false }
    return !hasStart || base != number &+ 1
  }

  mutating func synchronize(_ number: UInt32) {
    guard base == nil || (isEmpty && !hasStart) else { return }
    base = number &+ 1
    hasStart = true
  }

  /// - Parameters:
  ///   - number: Of the first of the bytes, one after a SYN.
  ///   - places: Of the bytes, counted from 0.
  mutating func receive(
    _ number: UInt32, _ places: [Place], count: Int, isFinish: Bool, by frame: Int, limit: Int
  ) {
    guard let start = offset(of: number) else { return }
    if isFinish, finish == nil, start + count >= next { finish = start + count }
    for var place in places {
      place.start += start
      insert(place, by: frame)
    }
    if held.count > limit { skipGap() }
  }

  /// What the peer says that it has.
  mutating func acknowledge(_ number: UInt32) {
    guard base != nil, let offset = offset(of: number) else { return }
    acknowledged = max(acknowledged, offset)
  }

  /// No more segments come: what still waits stands behind a gap.
  mutating func settle() {
    while held.count > 0 { skipGap() }
    // A FIN that was not recorded is acknowledged like a byte.
    let end = finish ?? (acknowledged > next + 1 ? acknowledged : next)
    if end > next { gaps.append(Gap(start: next, count: end - next, before: nil)) }
  }

  private mutating func offset(of number: UInt32) -> Int? {
    guard let base else {
      base = number
      return 0
    }
    let expected = base &+ UInt32(truncatingIfNeeded: next)
    let distance = Int(Int32(bitPattern: number &- expected))
    return distance > Self.window ? nil : next + distance
  }

  private mutating func insert(_ place: Place, by frame: Int) {
    if let copy = place.clamped(to: 0..<max(next, 0)) { copies.append(copy) }
    guard let place = place.clamped(to: next..<Int.max) else { return }
    guard place.start == next, place.end <= held.first?.start ?? .max else {
      copies += held.insert(place)
      deliverHeld(by: frame)
      return
    }
    deliver(place, by: frame)
    deliverHeld(by: frame)
  }

  private mutating func deliver(_ place: Place, by frame: Int) {
    delivered.append(Delivered(place: place, by: max(frame, delivered.last?.by ?? 0)))
    next = place.end
  }

  private mutating func deliverHeld(by frame: Int) {
    guard held.first?.start == next else { return }
    for place in held.takeRun(from: next) { deliver(place, by: frame) }
  }

  /// What is missing is lost: goes on with what waits.
  private mutating func skipGap() {
    guard let first = held.first else { return }
    gaps.append(Gap(start: next, count: first.start - next, before: first.frame))
    next = first.start
    for place in held.takeRun(from: next) { deliver(place, by: place.frame) }
  }
}
