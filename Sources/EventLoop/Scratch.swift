/// The loop's two buffers: what just came, and what is about to leave. A connection has none.
@safe final class Scratch {
  let incoming: UnsafeMutableRawBufferPointer
  let outgoing: UnsafeMutableRawBufferPointer

  init() {
    unsafe incoming = .allocate(byteCount: Self.size, alignment: 16)
    // 64 blocks of a size near 1,500 with their heads are one window.
    unsafe outgoing = .allocate(byteCount: 2 * Self.size, alignment: 16)
  }

  deinit {
    unsafe incoming.deallocate()
    unsafe outgoing.deallocate()
  }

  static let size = 65_536
}
