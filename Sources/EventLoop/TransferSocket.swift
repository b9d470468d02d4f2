import CLinux
import Glibc
import Network

/// One TFTP transfer's UDP socket, on a port of its own (RFC 1350 §4).
///
/// Not connected, so that a stranger's datagram is seen and can be told error 5. What cannot be
/// sent is dropped: the transfer's timeout repeats it.
package final class TransferSocket: Watched {
  /// Called per datagram with who sent it; the bytes are gone when it returns.
  package var onDatagram: (RawSpan, Endpoint) -> Void = { _, _ in }
  package let local: Endpoint
  /// Sends that the kernel refused or had no room for.
  package private(set) var dropped = 0
  private var segmentsAreRefused = false

  /// Blocks of one file that leave together: one window.
  package struct Blocks {
    package var file: File
    package var offset: Int64
    /// Counted from 1 without end; the wire has its low 16 bits.
    package var firstNumber: UInt64
    package var size: Int
    package var count: Int
    /// The length of the last of them, 0 … `size`.
    package var lastLength: Int

    package init(
      of file: File, at offset: Int64, firstNumber: UInt64, size: Int, count: Int,
      lastLength: Int
    ) {
      self.file = file
      self.offset = offset
      self.firstNumber = firstNumber
      self.size = size
      self.count = count
      self.lastLength = lastLength
    }
  }

  /// Binds to `address`, the one that was asked, on a port that the kernel chooses; `interface`
  /// other than 0 keeps it to that interface.
  package init(
    loop: EventLoop, address: IPv4Address, interface: Int32 = 0
  ) throws(SystemError) {
    let fd = try checked(cl_udp_socket(), "socket")
    do throws(SystemError) {
      try checked(
        cl_set_option(fd, Int32(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_DONT), "setsockopt")
      if interface != 0 {
        try checked(
          cl_set_option(fd, SOL_SOCKET, Self.bindToInterface, interface), "setsockopt")
      }
      try checked(cl_bind_inet(fd, address.number, 0), "bind", "\(address)")
      var number: UInt32 = 0
      var port: UInt16 = 0
      try checked(unsafe cl_local_inet(fd, &number, &port), "getsockname")
      local = Endpoint(IPv4Address(number), port)
    } catch {
      Glibc.close(fd)
      throw error
    }
    super.init(loop: loop, descriptor: fd)
    do throws(SystemError) { try watch(.read) } catch {
      closeDescriptor()
      throw error
    }
  }

  package func close() {
    onDatagram = { _, _ in }
    closeDescriptor()
  }

  package func send(_ bytes: RawSpan, to: Endpoint) {
    guard descriptor >= 0 else { return }
    unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      unsafe transmit(start, buffer.count, to: to)
    }
  }

  /// Sends `blocks` as DATA messages (RFC 1350 §5, RFC 7440).
  ///
  /// - Throws: ENODATA when the file has become shorter than when it was opened, or what reading
  ///   it failed with: the transfer must end with an ERROR.
  package func send(_ blocks: Blocks, to: Endpoint) throws(SystemError) {
    precondition(blocks.size > 0 && blocks.size <= 65_464, "RFC 2348 bounds a block")
    precondition((0...blocks.size).contains(blocks.lastLength), "the last block is no longer")
    guard descriptor >= 0 else { return }
    let stride = blocks.size + Self.head
    let most = segmentsAreRefused ? 1 : max(1, min(64, Self.longestBurst / stride))
    var done = 0
    while done < blocks.count {
      let count = min(most, blocks.count - done)
      let last = done + count == blocks.count ? blocks.lastLength : blocks.size
      try sendBurst(of: blocks, from: done, count: count, last: last, to: to)
      done += count
    }
  }

  private func sendBurst(
    of blocks: Blocks, from first: Int, count: Int, last: Int, to: Endpoint
  ) throws(SystemError) {
    guard let room = unsafe loop.scratch.outgoing.baseAddress else { return }
    let stride = blocks.size + Self.head
    let wanted = (count - 1) * blocks.size + last
    let offset = blocks.offset + Int64(first) * Int64(blocks.size)
    let read = unsafe Self.read(
      blocks.file, room, offset: offset, size: blocks.size, count: count, last: last)
    guard read == wanted else {
      throw SystemError(call: "preadv", errno: read < 0 ? Int32(-read) : ENODATA)
    }
    for index in 0..<count {
      let number = blocks.firstNumber &+ UInt64(first + index)
      let head = unsafe room + index * stride
      unsafe head.storeBytes(of: UInt16(3).bigEndian, as: UInt16.self)
      unsafe (head + 2).storeBytes(
        of: UInt16(truncatingIfNeeded: number).bigEndian, as: UInt16.self)
    }
    let total = (count - 1) * stride + last + Self.head
    if count > 1, unsafe transmitSegments(room, total, stride, to: to) { return }
    for index in 0..<count {
      let length = min(stride, total - index * stride)
      unsafe transmit(room + index * stride, length, to: to)
    }
  }

  private static func read(
    _ file: File, _ room: UnsafeMutableRawPointer, offset: Int64, size: Int, count: Int,
    last: Int
  ) -> Int {
    while true {
      let result =
        count == 1
        ? unsafe cl_read_at(file.descriptor, room + head, last, offset)
        : unsafe cl_read_blocks(
          file.descriptor, room, offset, size, UInt32(count), last, head)
      if result != -Int(EINTR) { return result }
    }
  }

  /// False when the kernel or the device cannot cut a buffer into datagrams: then block by block.
  private func transmitSegments(
    _ start: UnsafeRawPointer, _ count: Int, _ stride: Int, to: Endpoint
  ) -> Bool {
    while true {
      let result = unsafe cl_send_segmented(
        descriptor, start, count, UInt16(stride), to.address.number, to.port)
      if result >= 0 { return true }
      switch Int32(-result) {
      case EINTR: continue
      // EINVAL: a block that is larger than the path's MTU must be fragmented instead.
      case EIO, EINVAL, ENOPROTOOPT, EOPNOTSUPP, EMSGSIZE:
        segmentsAreRefused = true
        return false
      default:
        dropped += 1
        return true
      }
    }
  }

  private func transmit(_ start: UnsafeRawPointer, _ count: Int, to: Endpoint) {
    // Twice, for the first may only deliver the report about an earlier datagram.
    for _ in 0..<2 {
      let result = unsafe cl_send_to(descriptor, start, count, to.address.number, to.port)
      if result >= 0 { return }
      if Int32(-result) == EAGAIN { break }
    }
    dropped += 1
  }

  override func ready(_ events: Readiness) {
    guard let room = unsafe loop.scratch.incoming.baseAddress else { return }
    var address: UInt32 = 0
    var port: UInt16 = 0
    // One only: in lockstep there is no second, and the set reports again.
    let count = unsafe cl_receive_from(descriptor, room, Scratch.size, &address, &port)
    // An error was an ICMP report about a datagram of ours; reading it took it.
    guard count >= 0, count <= Scratch.size else { return }
    let bytes = unsafe UnsafeRawBufferPointer(start: room, count: count)
    unsafe onDatagram(bytes.bytes, Endpoint(IPv4Address(address), port))
  }

  private static let head = 4
  private static let longestBurst = 65_000
  /// SO_BINDTOIFINDEX, which the overlay lacks.
  private static let bindToInterface: Int32 = 62
}
