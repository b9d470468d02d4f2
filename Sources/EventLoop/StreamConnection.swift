import CLinux
import Glibc
import Network
import TLS

/// One accepted TCP or unix connection, by TLS or as it is. It holds no buffer while it is idle.
///
/// The loop keeps it until it is closed; its closures capture it `unowned` or are the reason that
/// it never goes. An answer that is not made within `onBytes` needs `hold` and `release`.
///
/// Input waits while output does, and while it is held: a client that does not read its answers
/// gets no further ones.
package final class StreamConnection: Watched {
  /// Takes bytes and returns how many: the rest is handed again together with what follows, or
  /// once output has left. 0 means that more is needed. The bytes are gone when it returns.
  package var onBytes: (RawSpan) -> Int = { $0.byteCount }
  /// Called when output that had to wait has left.
  package var onDrained: (() -> Void)?
  /// Called once.
  package var onClosed: ((StreamEnding) -> Void)?
  /// Bytes of output that were given up when the connection closed.
  package private(set) var unsentByteCount: Int64 = 0
  /// Where it came from and to; nil for a unix connection.
  package let arrival: Arrival?

  private let listener: StreamListener
  private var kept: [UInt8] = []
  private var output = StreamOutput()
  private var transport: StreamTransport
  private var phase = Phase.fresh
  private var isHeld = false
  private var isDelivering = false
  private var hasAnswered = false
  private var closesAfterOutput = false
  private var lingers = false
  private var discarded: Int32 = 0
  private var progress = StreamProgress()

  private enum Phase {
    /// TLS is not agreed on yet, or not a byte has come: it gives way like an idle one, or who only
    /// connects would keep all others out.
    case handshake, fresh
    case request, idle, sending, lingering
  }

  init(
    descriptor: Int32, listener: StreamListener, arrival: Arrival?, session: TLSSession? = nil
  ) throws(SystemError) {
    self.listener = listener
    self.arrival = arrival
    transport = StreamTransport(session)
    super.init(loop: listener.loop, descriptor: descriptor)
    try watch(.read)
    if transport.isPlain {
      begin(.fresh, listener.limits.request)
    } else {
      begin(.handshake, listener.limits.handshake)
    }
  }

  package var isClosed: Bool { descriptor < 0 }
  /// Whether output waits for the other side to read.
  package var hasOutput: Bool { !output.isEmpty }

  // MARK: Sending

  /// Sends `bytes`; what the socket does not take is copied and follows.
  package func send(_ bytes: RawSpan) {
    transmit(bytes, more: false)
    settleOutsideDelivery()
  }

  /// Sends `head` and then `count` bytes of `file`. If the file was cut the connection breaks
  /// off, because the length has been promised.
  ///
  /// A small file leaves in one call with its head, a large one by `sendfile`; by TLS the head and
  /// the file's first part are one record.
  package func send(_ head: RawSpan, file: File, offset: Int64, count: Int64) {
    precondition(offset >= 0 && count >= 0, "a range is not negative")
    if !isClosed, output.isEmpty, count <= Self.smallFile, head.byteCount <= Self.smallFile {
      sendTogether(head, file, offset, Int(count))
      return settleOutsideDelivery()
    }
    var (offset, count) = (offset, count)
    if !transport.isPlain, !isClosed, output.isEmpty, head.byteCount < TLSSession.recordSize {
      let first = min(count, Int64(TLSSession.recordSize - head.byteCount))
      sendTogether(head, file, offset, Int(first))
      (offset, count) = (offset + first, count - first)
    } else {
      transmit(head, more: count > 0)
    }
    guard !isClosed, count > 0 else { return settleOutsideDelivery() }
    let mayStart = output.isEmpty
    output.append(.file(file, offset: offset, count: count))
    if mayStart { pump() }
  }

  /// Closes when all output has left. `lingering` reads on for a moment and throws away, so that
  /// a client still sending what was refused sees the answer rather than a reset.
  package func closeAfterOutput(lingering: Bool = false) {
    guard !isClosed else { return }
    closesAfterOutput = true
    lingers = lingering
    if output.isEmpty, !isDelivering { finish() }
  }

  package func close() { close(.local) }

  // MARK: Receiving

  /// Stops reading, and lifts the deadline, while the answer is made off the loop.
  package func hold() {
    guard !isClosed, !isHeld else { return }
    isHeld = true
    expire(at: .never)
    watchAsNeeded()
  }

  /// Reads on. Call it after the answer was sent.
  package func release() {
    guard !isClosed, isHeld else { return }
    isHeld = false
    guard output.isEmpty else { return watchAsNeeded() }
    begin(.request, listener.limits.request)
    if !isDelivering { resume() }
  }

  /// Gives the request at hand until `duration` from now, as for a body.
  package func allow(_ duration: Duration) {
    guard phase == .request else { return }
    expire(at: loop.now + duration)
  }

  override func ready(_ events: Readiness) {
    if phase == .handshake {
      shakeHands()
    } else if !output.isEmpty {
      pump()
    } else if isHeld {
      // Nothing but an error is watched for.
      close(.reset(max(0, cl_get_option(descriptor, SOL_SOCKET, SO_ERROR))))
    } else {
      receive()
    }
  }

  override func expired(at now: Instant) {
    switch phase {
    case .handshake: close(.slowHandshake)
    case .fresh, .request: close(.slowRequest)
    case .idle: close(.idle)
    case .sending:
      guard progress.hasMoved(descriptor) else { return close(.slowReader) }
      begin(.sending, listener.limits.progress)
    case .lingering: close(.local)
    }
  }

  override var isIdle: Bool { !isHeld && [.idle, .fresh, .handshake].contains(phase) }
  override func giveWay() { close(.crowdedOut) }
}

extension StreamConnection {
  /// One flight at most; what the other side says next is a readiness of its own.
  private func shakeHands() {
    let result = transport.handshake()
    guard accepted(result) != nil else { return }
    if result == 0 { begin(.fresh, listener.limits.request) }
    watchAsNeeded()
  }

  private func receive() {
    guard let room = unsafe loop.scratch.incoming.baseAddress else { return }
    if phase == .lingering {
      // As it is: nobody reads what it means.
      return unsafe discard(cl_receive(descriptor, room, Scratch.size))
    }
    let already = kept.count
    let count = unsafe transport.receive(descriptor, room + already, Scratch.size - already)
    if count == 0 { return close(.peer) }
    guard let count = accepted(count) else { return }
    if count == 0 { return watchAsNeeded() }
    if isIdle { begin(.request, listener.limits.request) }
    unsafe restore(into: room)
    unsafe deliver(UnsafeRawBufferPointer(start: room, count: already + count))
  }

  private func restore(into room: UnsafeMutableRawPointer) {
    guard !kept.isEmpty else { return }
    unsafe kept.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe room.copyMemory(from: start, byteCount: bytes.count)
    }
    kept = []
  }

  /// Hands out `bytes` until the receiver wants more, or has to wait.
  private func deliver(_ bytes: UnsafeRawBufferPointer) {
    var rest = unsafe bytes
    isDelivering = true
    var taken = 1
    while taken > 0, rest.count > 0, mayDeliver {
      let span = unsafe rest.bytes
      taken = onBytes(span)
      precondition(taken >= 0 && taken <= rest.count, "a receiver takes what it was given")
      unsafe rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
    }
    isDelivering = false
    guard !isClosed else { return }
    if rest.count >= Self.mostKept, mayDeliver { return close(.oversized) }
    if rest.count > 0 { kept = unsafe Array(rest) }
    settle()
  }

  private var mayDeliver: Bool {
    !isClosed && output.isEmpty && !isHeld && !closesAfterOutput
  }

  /// After something was received or has left: what is waited for now, and how long?
  private func settle() {
    if closesAfterOutput, output.isEmpty { return finish() }
    if output.isEmpty, !isHeld, hasAnswered {
      hasAnswered = false
      if kept.isEmpty {
        begin(.idle, listener.limits.idle)
      } else {
        begin(.request, listener.limits.request)
      }
    }
    watchAsNeeded()
  }

  /// An answer that was made later and left at once ends its request as any other.
  private func settleOutsideDelivery() {
    guard !isClosed, !isDelivering, !isHeld, output.isEmpty, phase != .lingering else { return }
    settle()
  }

  private func begin(_ phase: Phase, _ limit: Duration) {
    self.phase = phase
    expire(at: loop.now + limit)
  }

  private func watchAsNeeded() {
    if !output.isEmpty {
      change(to: transport.wanted ?? .write)
    } else if isHeld {
      change(to: [])
    } else {
      change(to: transport.wanted ?? .read)
    }
  }

  /// Output has left, or the hold is over: hands out what was kept.
  private func resume() {
    guard !isClosed else { return }
    guard !kept.isEmpty, !closesAfterOutput, !isHeld,
      let room = unsafe loop.scratch.incoming.baseAddress
    else { return settle() }
    let count = kept.count
    unsafe restore(into: room)
    begin(.request, listener.limits.request)
    unsafe deliver(UnsafeRawBufferPointer(start: room, count: count))
  }

  private func discard(_ count: Int) {
    if count == -Int(EAGAIN) || count == -Int(EINTR) { return }
    guard count > 0 else { return close(.local) }
    discarded += Int32(clamping: count)
    if discarded > Self.mostDiscarded { close(.local) }
  }

  private func finish() {
    guard lingers else { return close(.local) }
    transport.finish()
    shutdown(descriptor, Int32(SHUT_WR))
    begin(.lingering, .seconds(2))
    kept = []
    change(to: .read)
  }
}

extension StreamConnection {
  private func transmit(_ bytes: RawSpan, more: Bool) {
    guard !isClosed, bytes.byteCount > 0 else { return }
    hasAnswered = true
    var sent = 0
    if output.isEmpty {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe transport.send(descriptor, start, buffer.count, more: more)
      }
      guard let count = accepted(result) else { return }
      sent = count
    }
    guard sent < bytes.byteCount else { return }
    let rest = unsafe bytes.withUnsafeBytes { unsafe Array($0[sent...]) }
    output.append(.bytes(rest, from: 0))
    waitForRoom()
  }

  private func sendTogether(_ head: RawSpan, _ file: File, _ offset: Int64, _ count: Int) {
    guard let room = unsafe loop.scratch.outgoing.baseAddress else { return }
    unsafe head.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      unsafe room.copyMemory(from: start, byteCount: buffer.count)
    }
    let read =
      count == 0
      ? 0 : unsafe cl_read_at(file.descriptor, room + head.byteCount, count, offset)
    guard read == count else { return breakOff(.fileCut) }
    let whole = unsafe UnsafeRawBufferPointer(start: room, count: head.byteCount + count)
    unsafe transmit(whole.bytes, more: false)
  }

  /// One piece at most, so that one large file does not keep the loop; the set reports again.
  private func pump() {
    while let piece = output.first {
      switch piece {
      case .bytes(let bytes, let from):
        let result = unsafe bytes.withUnsafeBytes { buffer in
          guard let start = buffer.baseAddress else { return 0 }
          return unsafe transport.send(descriptor, start + from, buffer.count - from, more: false)
        }
        guard let count = accepted(result) else { return }
        output.advance(by: count)
        guard from + count == bytes.count else { return waitForRoom() }
      case .file(let file, let offset, let left):
        let result = transport.sendFile(
          descriptor, file, offset, Int(clamping: left), loop.scratch)
        if result == 0 { return breakOff(.fileCut) }
        if result == -Int(EIO) { return breakOff(.fileCut) }
        guard let count = accepted(result) else { return }
        output.advance(by: count)
        if Int64(count) < left { return waitForRoom() }
      }
      begin(.sending, listener.limits.progress)
    }
    drained()
  }

  /// Nil when the connection is gone.
  private func accepted(_ result: Int) -> Int? {
    if result >= 0 { return result }
    switch Int32(-result) {
    case EAGAIN, EINTR, ENOBUFS: return 0
    default:
      let failure = transport.failure
      close(failure.map { .insecure("\($0)") } ?? .reset(Int32(-result)))
      return nil
    }
  }

  private func waitForRoom() {
    begin(.sending, listener.limits.progress)
    progress.begin(descriptor)
    watchAsNeeded()
  }

  private func drained() {
    // A file that left at once, within `onBytes` or `send`, never had anybody wait.
    guard !isDelivering, phase == .sending else { return }
    phase = .request
    // Held, it waits for who holds it, however long.
    if isHeld { expire(at: .never) }
    onDrained?()
    resume()
  }

  private func breakOff(_ ending: StreamEnding) {
    if descriptor >= 0 { _ = cl_reset_on_close(descriptor) }
    close(ending)
  }

  private func close(_ ending: StreamEnding) {
    guard !isClosed else { return }
    // The kernel drops at once what a slow reader has not taken.
    if ending == .slowReader || ending == .crowdedOut { _ = cl_reset_on_close(descriptor) }
    if output.isEmpty { transport.finish() }
    closeDescriptor()
    transport = StreamTransport(nil)
    unsentByteCount = output.byteCount
    output.removeAll()
    kept = []
    listener.connectionClosed(arrival?.source.address ?? .unspecified)
    let closed = onClosed
    onBytes = { $0.byteCount }
    onDrained = nil
    onClosed = nil
    closed?(ending)
  }

  /// A file up to this goes out with its head.
  private static let smallFile: Int64 = 16_384
  /// Half a scratch buffer: what one request may be in bytes not taken.
  private static let mostKept = Scratch.size / 2
  private static let mostDiscarded: Int32 = 1 << 20
}
