import COpenSSL

/// A text that OpenSSL reads or has written, in memory.
@safe final class PEMText {
  let pointer: OpaquePointer

  /// To be written to.
  init?() {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
    unsafe pointer = bio
  }

  /// Reads `bytes`, which must outlive it.
  init?(_ bytes: UnsafeRawBufferPointer) {
    ERR_clear_error()
    guard let start = bytes.baseAddress, let bio = unsafe cssl_bytes(start, bytes.count) else {
      return nil
    }
    unsafe pointer = bio
  }

  deinit { unsafe BIO_free(pointer) }

  /// What was written.
  var bytes: [UInt8] {
    let count = unsafe BIO_ctrl_pending(pointer)
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe BIO_read(pointer, &bytes, Int32(clamping: count))
    return Array(bytes.prefix(Int(max(0, read))))
  }
}
