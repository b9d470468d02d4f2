import Bytes

extension TFTPPacket {
  /// Bytes before the payload of a DATA packet.
  package static let dataHeadLength = 4

  /// Appends the head of a DATA packet, which its payload follows.
  package static func encodeDataHead(block: UInt16, into writer: inout ByteWriter) {
    writer.write(TFTPOperation.data.rawValue)
    writer.write(block)
  }

  /// Appends an ACK, as clients send it.
  package static func encodeAcknowledgement(block: UInt16, into writer: inout ByteWriter) {
    writer.write(TFTPOperation.acknowledgement.rawValue)
    writer.write(block)
  }

  /// Appends a request for `name` in octet mode, as clients send it.
  package static func encodeRequest(
    _ operation: TFTPOperation, name: some Sequence<UInt8>, options: TFTPOptionValues,
    into writer: inout ByteWriter
  ) {
    writer.write(operation.rawValue)
    writer.write(name)
    writer.write("\0octet\0")
    options.encode(into: &writer)
  }
}
