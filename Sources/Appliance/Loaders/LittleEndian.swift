import Bytes

/// Little-endian fields at any offset of borrowed bytes, as PE and ELF have them.
struct LittleEndian: ~Escapable {
  private let bytes: RawSpan

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  var byteCount: Int { bytes.byteCount }

  func octet(at offset: Int) throws(Malformed) -> UInt8 {
    guard offset >= 0, offset < bytes.byteCount else {
      throw Malformed(.truncated, at: bytes.byteCount)
    }
    return bytes.octet(at: offset)
  }

  func word(at offset: Int) throws(Malformed) -> UInt16 {
    UInt16(try octet(at: offset)) | UInt16(try octet(at: offset + 1)) << 8
  }

  func doubleWord(at offset: Int) throws(Malformed) -> UInt32 {
    UInt32(try word(at: offset)) | UInt32(try word(at: offset + 2)) << 16
  }
}

extension RawSpan {
  /// What follows the first `count` bytes; nothing where there are fewer.
  @_lifetime(copy self)
  func dropped(_ count: Int) -> RawSpan {
    extracting(min(count, byteCount)..<byteCount)
  }
}
