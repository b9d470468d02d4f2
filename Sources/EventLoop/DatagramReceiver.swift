import CLinux
import Network

/// The slots into which one `recvmmsg` reads; all datagram sockets of a loop share them.
@safe final class DatagramReceiver {
  private let slots: OpaquePointer

  init() { unsafe slots = cl_receiver_create(Self.count, Self.size) }

  deinit { unsafe cl_receiver_destroy(slots) }

  /// Reads what is there, at most `count` datagrams. Negative: the error number.
  func fill(from descriptor: Int32) -> Int32 { unsafe cl_receiver_fill(slots, descriptor) }

  /// Hands out datagram `index`; false when it was longer than a slot.
  func hand(_ index: UInt32, port: UInt16, to receive: (RawSpan, Arrival) -> Void) -> Bool {
    var datagram = unsafe cl_datagram()
    unsafe cl_receiver_get(slots, index, &datagram)
    guard unsafe datagram.truncated == 0 else { return false }
    let arrival = unsafe Arrival(
      source: Endpoint(IPv4Address(datagram.source), datagram.source_port),
      destination: Endpoint(IPv4Address(datagram.destination), port),
      local: IPv4Address(datagram.local), interface: datagram.interface)
    let bytes = unsafe UnsafeRawBufferPointer(start: datagram.bytes, count: datagram.length)
    unsafe receive(bytes.bytes, arrival)
    return true
  }

  static let count: UInt32 = 64
  static let size = 2_048
}
