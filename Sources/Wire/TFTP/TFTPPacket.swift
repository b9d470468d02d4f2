import Bytes

/// A TFTP packet read in place (RFC 1350 §5, RFC 2347): it lives for one call and copies nothing.
package enum TFTPPacket: ~Escapable {
  case readRequest(TFTPRequest)
  case writeRequest(TFTPRequest)
  case data(block: UInt16, payload: RawSpan)
  /// The Raspberry Pi 5 pads short frames, so that bytes may follow the block number.
  case acknowledgement(block: UInt16)
  /// The text is for people; no firmware is known to end it reliably, so its NUL may be missing.
  case error(code: UInt16, message: RawSpan)
  case optionAcknowledgement(TFTPOptions)

  /// Checks one UDP payload. Malformed bytes deserve ERROR 4 when they came to port 69, and
  /// silence when they came to a transfer.
  @_lifetime(copy bytes)
  package init(checking bytes: RawSpan) throws(Malformed) {
    var reader = ByteReader(bytes)
    switch TFTPOperation(rawValue: try reader.read()) {
    case .readRequest: self = .readRequest(try TFTPRequest(reading: &reader))
    case .writeRequest: self = .writeRequest(try TFTPRequest(reading: &reader))
    case .data:
      let block: UInt16 = try reader.read()
      self = .data(block: block, payload: reader.readRemainder())
    case .acknowledgement: self = .acknowledgement(block: try reader.read())
    case .error:
      let code: UInt16 = try reader.read()
      let text = reader.readRemainder()
      self = .error(
        code: code, message: text.extracting(0..<(text.firstIndex(of: 0) ?? text.byteCount)))
    case .optionAcknowledgement:
      self = .optionAcknowledgement(TFTPOptions(reader.readRemainder()))
    case nil: throw Malformed(.invalid("operation"), at: 0)
    }
  }
}

/// The first field of every packet.
package enum TFTPOperation: UInt16, Sendable {
  case readRequest = 1
  case writeRequest = 2
  case data = 3
  case acknowledgement = 4
  case error = 5
  case optionAcknowledgement = 6
}
