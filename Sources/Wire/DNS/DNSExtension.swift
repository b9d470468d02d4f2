import Bytes

/// What an OPT record says (EDNS, RFC 6891 §6.1). Its options are checked and mean nothing to us.
package struct DNSExtension: Equatable, Sendable {
  /// The largest UDP payload that its sender takes; less than 512 counts as 512 (§6.2.3).
  package var payloadSize: UInt16
  /// The upper eight bits of the response code.
  package var extendedCode: UInt8 = 0
  package var version: UInt8 = 0
  /// DO: the sender wants DNSSEC records (RFC 3225).
  package var wantsSecurity = false

  package init(payloadSize: UInt16, extendedCode: UInt8 = 0, wantsSecurity: Bool = false) {
    self.payloadSize = payloadSize
    self.extendedCode = extendedCode
    self.wantsSecurity = wantsSecurity
  }

  /// - Throws: ``Malformed`` when its owner is not the root or its options overrun it.
  init(_ record: DNSRecord, of message: RawSpan) throws(Malformed) {
    guard message.octet(at: record.start) == 0 else {
      throw Malformed(.invalid("OPT owner"), at: record.start)
    }
    payloadSize = max(512, record.recordClass)
    extendedCode = UInt8(truncatingIfNeeded: record.lifetime >> 24)
    version = UInt8(truncatingIfNeeded: record.lifetime >> 16)
    wantsSecurity = record.lifetime & 0x8000 != 0
    var reader = ByteReader(
      message.extracting(record.dataStart..<record.end), base: record.dataStart)
    while reader.remaining > 0 {
      try reader.skip(2)
      try reader.skip(Int(try reader.read(UInt16.self)))
    }
  }

  package static let byteCount = 11

  package func encode(into output: inout ByteWriter) {
    output.write(UInt8(0))
    output.write(DNSType.opt)
    output.write(payloadSize)
    output.write(extendedCode)
    output.write(version)
    output.write(UInt16(wantsSecurity ? 0x8000 : 0))
    output.write(UInt16(0))
  }
}
