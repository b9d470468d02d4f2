import CLinux
import Glibc
import Network

/// What became of datagrams; for metrics.
package struct DatagramCounts: Hashable, Sendable {
  package var received = 0
  /// Came, but longer than any message of ours can be.
  package var oversized = 0
  package var sent = 0
  /// Refused by the kernel: no route, no link, no buffer.
  package var refused = 0
  /// Dropped because all slots were waiting for room in the socket.
  package var crowdedOut = 0
}

/// Slots of messages that leave together at the end of the turn by one `sendmmsg`.
///
/// A full socket keeps them until there is room; any other refusal drops the one message, for
/// all our protocols repeat themselves.
@safe final class DatagramSender: Watched {
  private(set) var sent = 0
  private(set) var refused = 0
  private(set) var crowdedOut = 0
  private(set) var lastError: SystemError?
  private let target: Int32
  private let slots: OpaquePointer
  private var first: UInt32 = 0
  private var count: UInt32 = 0
  private var isBlocked = false

  /// Sends by `target`, which it does not own; waits for room by a duplicate of it.
  init(loop: EventLoop, target: Int32) throws(SystemError) {
    self.target = target
    unsafe slots = cl_sender_create(Self.slotCount, DatagramReceiver.size)
    super.init(loop: loop, descriptor: -1)
  }

  deinit { unsafe cl_sender_destroy(slots) }

  /// Queues a copy of `bytes`; nil when there is no slot for it. The caller addresses the slot.
  private func queue(_ bytes: RawSpan) -> UInt32? {
    if count == Self.slotCount { flush() }
    guard count < Self.slotCount, bytes.byteCount <= DatagramReceiver.size,
      let slot = unsafe cl_sender_slot(slots, count) as UnsafeMutableRawPointer?
    else {
      crowdedOut += 1
      return nil
    }
    unsafe bytes.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      unsafe slot.copyMemory(from: start, byteCount: source.count)
    }
    if count == 0 { loop.flushLater(self) }
    count += 1
    return count - 1
  }

  func send(_ bytes: RawSpan, to: Endpoint, from local: IPv4Address, interface: Int32) {
    guard let index = queue(bytes) else { return }
    unsafe cl_sender_set_udp(
      slots, index, bytes.byteCount, to.address.number, to.port, local.number, interface)
  }

  func send(frame: RawSpan, interface: Int32) {
    guard let index = queue(frame) else { return }
    unsafe cl_sender_set_link(slots, index, frame.byteCount, interface)
  }

  func flush() {
    guard !isBlocked else { return }
    var retried = false
    while first < count {
      let result = unsafe cl_sender_flush(slots, target, first, count - first)
      if result > 0 {
        first += UInt32(result)
        sent += Int(result)
        retried = false
        continue
      }
      switch -result {
      case EINTR: continue
      case EAGAIN:
        if waitForRoom() { return }
        refuse(EAGAIN)
      // A report about an earlier datagram, which this call only delivers.
      case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EPROTO, EHOSTDOWN:
        if retried { refuse(-result) }
        retried = !retried
      default: refuse(-result)
      }
    }
    first = 0
    count = 0
  }

  private func refuse(_ error: Int32) {
    refused += 1
    lastError = SystemError(call: "sendmmsg", errno: error)
    first += 1
  }

  private func waitForRoom() -> Bool {
    if descriptor < 0 {
      let duplicate = fcntl(target, F_DUPFD_CLOEXEC, 0)
      guard duplicate >= 0 else { return false }
      adopt(duplicate)
    }
    do throws(SystemError) { try watch(.write) } catch { return false }
    isBlocked = true
    return true
  }

  override func ready(_ events: Readiness) {
    letGo()
    isBlocked = false
    flush()
  }

  /// Drops what is queued and lets go of the descriptor.
  func close() {
    letGo()
    first = 0
    count = 0
  }

  /// Closing a duplicate does not take it out of the set, for the socket behind it lives on.
  private func letGo() {
    guard descriptor >= 0 else { return }
    _ = cl_set_remove(loop.readiness.descriptor, descriptor)
    closeDescriptor()
  }

  private static let slotCount: UInt32 = 64
}
