import CPcap

/// What libpcap says when it fails.
enum PcapError {
  /// Opens a handle by a call that writes its reason into a buffer.
  static func opening(
    _ name: String, _ call: (UnsafeMutablePointer<CChar>) -> OpaquePointer?
  ) throws(CaptureFailure) -> OpaquePointer {
    let size = Int(PCAP_ERRBUF_SIZE)
    let message = UnsafeMutablePointer<CChar>.allocate(capacity: size)
    unsafe message.initialize(repeating: 0, count: size)
    defer { unsafe message.deallocate() }
    guard let handle = unsafe call(message) else {
      throw unsafe CaptureFailure(name, String(cString: message))
    }
    return unsafe handle
  }

  /// Why the last call on `handle` failed.
  static func last(of handle: OpaquePointer) -> String {
    guard let text = unsafe pcap_geterr(handle) else { return "libpcap gives no reason" }
    return unsafe String(cString: text)
  }
}
