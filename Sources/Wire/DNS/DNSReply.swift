import Bytes
import Network

/// Another server's answer, read in place and checked to its last record.
package struct DNSReply: ~Escapable {
  package let bytes: RawSpan
  package let header: DNSHeader
  /// Where the records begin.
  package let recordsStart: Int
  package let type: UInt16
  package let recordClass: UInt16

  /// - Throws: ``Malformed``: drop it, and wait on for the true answer.
  @_lifetime(copy bytes)
  package init(checking bytes: RawSpan) throws(Malformed) {
    let header = try DNSHeader(decoding: bytes)
    guard header.isResponse else { throw Malformed(.invalid("QR"), at: 2) }
    guard header.questionCount == 1 else { throw Malformed(.invalid("question count"), at: 4) }
    let nameEnd = try DNSNameReader.skip(bytes, at: DNSHeader.byteCount)
    var reader = ByteReader(bytes.extracting(nameEnd..<bytes.byteCount), base: nameEnd)
    type = try reader.read()
    recordClass = try reader.read()
    recordsStart = nameEnd + 4
    var walk = DNSRecordWalk(bytes, at: nameEnd + 4)
    for _ in 0..<header.recordCount { _ = try walk.next() }
    self.header = header
    self.bytes = bytes
  }

  /// Reads the question's name.
  package func readName(into name: inout DomainName) throws(Malformed) {
    try DNSNameReader.read(bytes, at: DNSHeader.byteCount, into: &name)
  }

  /// Calls `body` with each record and its section: 0 answers, 1 authority, 2 additional.
  package func eachRecord(_ body: (DNSRecord, Int) throws(Malformed) -> Void) throws(Malformed) {
    var walk = DNSRecordWalk(bytes, at: recordsStart)
    let answers = Int(header.answerCount)
    let authority = answers + Int(header.authorityCount)
    for index in 0..<header.recordCount {
      let record = try walk.next()
      try body(record, index < answers ? 0 : index < authority ? 1 : 2)
    }
  }

  /// The extension of the OPT record, if there is one.
  package var edns: DNSExtension? {
    get throws(Malformed) {
      var edns: DNSExtension?
      let message = bytes
      try eachRecord { record, section throws(Malformed) in
        guard section == 2, record.type == DNSType.opt else { return }
        edns = try DNSExtension(record, of: message)
      }
      return edns
    }
  }
}
