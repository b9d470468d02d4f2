import Bytes
import Network

/// A DNS query read in place (RFC 1035 §4.1): it lives for one call and copies nothing.
package struct DNSQuery: ~Escapable {
  private let bytes: RawSpan
  package let header: DNSHeader
  private let questionEnd: Int
  package let type: UInt16
  package let recordClass: UInt16
  /// nil for a client that does not speak EDNS.
  package let edns: DNSExtension?

  /// Checks that exactly one whole question follows the header (RFC 9619), and that what follows
  /// it is well formed to the last octet.
  ///
  /// - Throws: ``Malformed``: answer FORMERR, to the header's id alone.
  @_lifetime(copy bytes)
  package init(_ header: DNSHeader, checking bytes: RawSpan) throws(Malformed) {
    guard header.questionCount == 1 else { throw Malformed(.invalid("question count"), at: 4) }
    // A pointer cannot lead anywhere but into the header, and is refused there.
    let nameEnd = try DNSNameReader.skip(bytes, at: DNSHeader.byteCount)
    var reader = ByteReader(bytes.extracting(nameEnd..<bytes.byteCount), base: nameEnd)
    type = try reader.read()
    recordClass = try reader.read()
    questionEnd = nameEnd + 4
    edns = try Self.readRecords(header, bytes, from: nameEnd + 4)
    self.header = header
    self.bytes = bytes
  }

  /// The question as it came, for the reply to repeat: clients vary the case of its letters and
  /// want them back.
  package var question: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(DNSHeader.byteCount..<questionEnd) }
  }

  /// Reads the question's name.
  package func readName(into name: inout DomainName) throws(Malformed) {
    try DNSNameReader.read(bytes, at: DNSHeader.byteCount, into: &name)
  }

  private static func readRecords(
    _ header: DNSHeader, _ bytes: RawSpan, from start: Int
  ) throws(Malformed) -> DNSExtension? {
    var edns: DNSExtension?
    var walk = DNSRecordWalk(bytes, at: start)
    let beforeAdditional = Int(header.answerCount) + Int(header.authorityCount)
    for index in 0..<header.recordCount {
      let record = try walk.next()
      guard record.type == DNSType.opt else { continue }
      // RFC 6891 §6.1.1: one, among the additional records.
      guard edns == nil, index >= beforeAdditional else {
        throw Malformed(.invalid("OPT"), at: record.start)
      }
      edns = try DNSExtension(record, of: bytes)
    }
    guard walk.offset == bytes.byteCount else {
      throw Malformed(.excessive("message"), at: walk.offset)
    }
    return edns
  }
}
