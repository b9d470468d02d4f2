import Bytes

/// The options that we know, with values that their RFCs allow; nil is not asked or not valid.
///
/// An option that is not valid counts as not asked, so that the transfer goes on without it
/// (RFC 2347 §3: a server may ignore any option).
package struct TFTPOptionValues: Hashable, Sendable {
  /// Bytes of a full DATA block, 8 or more; whoever grants it clamps it (RFC 2348).
  package var blockSize: UInt64?
  /// The file's size in bytes; 0 in a request, which asks for it (RFC 2349 §3).
  package var transferSize: UInt64?
  /// Seconds until a retransmission, 1 … 255 (RFC 2349 §2).
  package var timeout: UInt8?
  /// Blocks sent before an ACK is awaited, 1 … 65535 (RFC 7440 §3).
  package var windowSize: UInt16?

  package init(
    blockSize: UInt64? = nil, transferSize: UInt64? = nil, timeout: UInt8? = nil,
    windowSize: UInt16? = nil
  ) {
    self.blockSize = blockSize
    self.transferSize = transferSize
    self.timeout = timeout
    self.windowSize = windowSize
  }

  /// Reads what follows a request or an OACK. Of an option sent twice the first counts.
  package init(_ options: consuming TFTPOptions) {
    self.init()
    while let option = options.next() {
      guard let value = Self.number(option.value) else { continue }
      if option.name.equalsIgnoringCase("blksize") {
        if blockSize == nil, value >= 8 { blockSize = value }
      } else if option.name.equalsIgnoringCase("tsize") {
        if transferSize == nil { transferSize = value }
      } else if option.name.equalsIgnoringCase("timeout") {
        if timeout == nil, value >= 1 { timeout = UInt8(exactly: value) }
      } else if option.name.equalsIgnoringCase("windowsize") {
        if windowSize == nil, value >= 1 { windowSize = UInt16(exactly: value) }
      }
    }
  }

  package var isEmpty: Bool {
    blockSize == nil && transferSize == nil && timeout == nil && windowSize == nil
  }

  /// Appends an OACK that grants exactly these values.
  package func encodeAcknowledgement(into writer: inout ByteWriter) {
    writer.write(TFTPOperation.optionAcknowledgement.rawValue)
    encode(into: &writer)
  }

  /// Appends the options as they follow a request's mode or an OACK's operation.
  package func encode(into writer: inout ByteWriter) {
    if let blockSize { Self.encode("blksize", blockSize, into: &writer) }
    if let transferSize { Self.encode("tsize", transferSize, into: &writer) }
    if let timeout { Self.encode("timeout", UInt64(timeout), into: &writer) }
    if let windowSize { Self.encode("windowsize", UInt64(windowSize), into: &writer) }
  }

  private static func encode(_ name: String, _ value: UInt64, into writer: inout ByteWriter) {
    writer.write(name)
    writer.write(UInt8(0))
    writer.writeDecimal(value)
    writer.write(UInt8(0))
  }

  /// Decimal digits without a leading zero: `08` is a typing error or an attack, never firmware.
  private static func number(_ text: RawSpan) -> UInt64? {
    guard text.byteCount == 1 || (text.byteCount > 1 && text.octet(at: 0) != 0x30) else {
      return nil
    }
    return text.decimal
  }
}
