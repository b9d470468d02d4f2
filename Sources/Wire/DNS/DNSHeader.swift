import Bytes

/// The first twelve octets of a DNS message (RFC 1035 §4.1.1).
package struct DNSHeader: Equatable, Sendable {
  package static let byteCount = 12

  package var id: UInt16
  package var flags: UInt16
  package var questionCount: UInt16
  package var answerCount: UInt16
  package var authorityCount: UInt16
  package var additionalCount: UInt16

  package static let response: UInt16 = 0x8000
  package static let authoritative: UInt16 = 0x0400
  package static let truncated: UInt16 = 0x0200
  package static let recursionDesired: UInt16 = 0x0100
  package static let recursionAvailable: UInt16 = 0x0080
  package static let authenticData: UInt16 = 0x0020
  package static let checkingDisabled: UInt16 = 0x0010

  package init(
    id: UInt16, flags: UInt16 = 0, questionCount: UInt16 = 0, answerCount: UInt16 = 0,
    authorityCount: UInt16 = 0, additionalCount: UInt16 = 0
  ) {
    self.id = id
    self.flags = flags
    self.questionCount = questionCount
    self.answerCount = answerCount
    self.authorityCount = authorityCount
    self.additionalCount = additionalCount
  }

  package init(decoding bytes: RawSpan) throws(Malformed) {
    var reader = ByteReader(bytes)
    id = try reader.read()
    flags = try reader.read()
    questionCount = try reader.read()
    answerCount = try reader.read()
    authorityCount = try reader.read()
    additionalCount = try reader.read()
  }

  package func encode(into output: inout ByteWriter) {
    output.write(id)
    output.write(flags)
    output.write(questionCount)
    output.write(answerCount)
    output.write(authorityCount)
    output.write(additionalCount)
  }

  package var isResponse: Bool { flags & Self.response != 0 }
  package var opcode: UInt8 { UInt8(truncatingIfNeeded: flags >> 11) & 15 }
  package var isAuthoritative: Bool { flags & Self.authoritative != 0 }
  package var isTruncated: Bool { flags & Self.truncated != 0 }
  package var wantsRecursion: Bool { flags & Self.recursionDesired != 0 }
  package var responseCode: UInt8 { UInt8(truncatingIfNeeded: flags) & 15 }

  /// All records after the questions.
  var recordCount: Int { Int(answerCount) + Int(authorityCount) + Int(additionalCount) }
}
