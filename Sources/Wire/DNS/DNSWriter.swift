import Bytes
import Network

/// Writes one response into bytes that others own, and shortens names that stand there already
/// (RFC 1035 §4.1.4).
///
/// It allocates nothing: it remembers where the first names begin, not the names.
package struct DNSWriter: Sendable {
  /// Where the message begins in the output; a length for TCP may stand before it.
  private var start = 0
  private var header = DNSHeader(id: 0)
  /// Where names begin, in octets from the message's start.
  private var names: [Int] = []

  private static let mostNames = 16
  /// Offsets above do not fit into a pointer.
  private static let farthest = 0x3fff

  package init() { names.reserveCapacity(Self.mostNames) }

  /// Begins a response with `header`, whose counts it fills in by itself, and the question.
  package mutating func begin(
    _ header: DNSHeader, question: RawSpan, into output: inout ByteWriter
  ) {
    start = output.count
    self.header = header
    self.header.questionCount = question.byteCount == 0 ? 0 : 1
    self.header.answerCount = 0
    self.header.authorityCount = 0
    self.header.additionalCount = 0
    names.removeAll(keepingCapacity: true)
    self.header.encode(into: &output)
    output.write(question)
    if question.byteCount > 5 { names.append(DNSHeader.byteCount) }
  }

  package enum Section: Sendable {
    case answer
    case authority
    case additional
  }

  /// Who a record belongs to.
  package enum Owner: Sendable {
    /// The question's own name.
    case question
    case name(DomainName)
  }

  /// Writes a record whose data is `data`; those types that RFC 1035 defined have names within,
  /// which are shortened.
  package mutating func record(
    _ owner: Owner, _ type: UInt16, lifetime: UInt32, data: ArraySlice<UInt8>,
    _ section: Section, into output: inout ByteWriter
  ) {
    switch owner {
    case .question: output.write(UInt16(0xc000 + DNSHeader.byteCount))
    case .name(let name): self.name(name.octets[...], into: &output)
    }
    output.write(type)
    output.write(DNSClass.internet)
    output.write(lifetime)
    let lengthOffset = output.count
    output.write(UInt16(0))
    writeData(type, data, into: &output)
    output.replace(
      UInt16(truncatingIfNeeded: output.count - lengthOffset - 2), at: lengthOffset)
    count(section)
  }

  /// Writes the OPT record, which comes last.
  package mutating func edns(_ edns: DNSExtension, into output: inout ByteWriter) {
    edns.encode(into: &output)
    count(.additional)
  }

  /// Takes back all that follows the question, and says that there was more (TC).
  package mutating func truncate(questionCount: Int, into output: inout ByteWriter) {
    output.truncate(to: start + DNSHeader.byteCount + questionCount)
    header.flags |= DNSHeader.truncated
    header.answerCount = 0
    header.authorityCount = 0
    header.additionalCount = 0
  }

  package mutating func set(_ code: DNSResponseCode) {
    header.flags = header.flags & 0xfff0 | code.rawValue & 15
  }

  package mutating func clear(_ flag: UInt16) { header.flags &= ~flag }

  /// The message's size so far.
  package func byteCount(_ output: ByteWriter) -> Int { output.count - start }

  /// Fills in what is known only now.
  package func finish(into output: inout ByteWriter) {
    output.replace(header.flags, at: start + 2)
    output.replace(header.answerCount, at: start + 6)
    output.replace(header.authorityCount, at: start + 8)
    output.replace(header.additionalCount, at: start + 10)
  }

  private mutating func count(_ section: Section) {
    switch section {
    case .answer: header.answerCount += 1
    case .authority: header.authorityCount += 1
    case .additional: header.additionalCount += 1
    }
  }
}

extension DNSWriter {
  /// Data as it is kept: names within it whole and in lower case.
  private mutating func writeData(
    _ type: UInt16, _ data: ArraySlice<UInt8>, into output: inout ByteWriter
  ) {
    switch type {
    case DNSType.ns, DNSType.cname, DNSType.ptr: name(data, into: &output)
    case DNSType.mx:
      output.write(data.prefix(2))
      name(data.dropFirst(2), into: &output)
    case DNSType.soa:
      let second = Self.end(of: data, from: data.startIndex)
      let numbers = Self.end(of: data, from: second)
      name(data[..<second], into: &output)
      name(data[second..<numbers], into: &output)
      output.write(data[numbers...])
    default: output.write(data)
    }
  }

  /// Writes a whole name, up to its first ending that the message has already.
  private mutating func name(_ name: ArraySlice<UInt8>, into output: inout ByteWriter) {
    let own = output.count - start
    var offset = name.startIndex
    while name[offset] != 0 {
      if let target = find(name[offset...], before: own, in: output) {
        output.write(UInt16(truncatingIfNeeded: 0xc000 + target))
        remember(own, offset > name.startIndex)
        return
      }
      let next = offset + 1 + Int(name[offset])
      output.write(name[offset..<next])
      offset = next
    }
    output.write(UInt8(0))
    remember(own, offset > name.startIndex)
  }

  private mutating func remember(_ offset: Int, _ hasLabels: Bool) {
    guard hasLabels, offset <= Self.farthest, names.count < Self.mostNames else { return }
    names.append(offset)
  }

  /// Where a name or the ending of one stands that reads as `ending`.
  private func find(_ ending: ArraySlice<UInt8>, before limit: Int, in output: ByteWriter) -> Int? {
    for name in names {
      var place = name
      while place < limit, place <= Self.farthest {
        let octet = octet(place, of: output)
        guard octet != 0 else { break }
        if octet >= 0xc0 {
          // What follows a pointer was looked at where it leads.
          break
        }
        if equals(ending, at: place, of: output) { return place }
        place += 1 + Int(octet)
      }
    }
    return nil
  }

  private func equals(_ ending: ArraySlice<UInt8>, at start: Int, of output: ByteWriter) -> Bool {
    var place = start
    var offset = ending.startIndex
    while true {
      let octet = octet(place, of: output)
      if octet >= 0xc0 {
        place = Int(octet & 0x3f) << 8 | Int(self.octet(place + 1, of: output))
        continue
      }
      guard octet == ending[offset] else { return false }
      if octet == 0 { return true }
      for _ in 0..<Int(octet) {
        place += 1
        offset += 1
        let written = self.octet(place, of: output)
        let lower = (0x41...0x5a).contains(written) ? written | 0x20 : written
        guard lower == ending[offset] else { return false }
      }
      place += 1
      offset += 1
    }
  }

  private func octet(_ offset: Int, of output: ByteWriter) -> UInt8 { output.bytes[start + offset] }

  private static func end(of name: ArraySlice<UInt8>, from start: Int) -> Int {
    var offset = start
    while name[offset] != 0 { offset += 1 + Int(name[offset]) }
    return offset + 1
  }
}
