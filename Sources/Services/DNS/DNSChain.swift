import Boot
import Bytes
import Network
import Wire

/// The aliases of our own that led out of our zones, as they stand behind the client's question;
/// what another server says of their end follows them.
struct DNSChain: Sendable {
  /// The records, whose pointers lead to the question and to each other.
  let records: [UInt8]
  let count: UInt16
}

extension DNSAnswer {
  /// Appends an answer to `asker`: our aliases, then the other server's records with their names
  /// written out, for they stand elsewhere now.
  func encode(
    behind chain: DNSChain, for asker: DNSAsker, question: RawSpan, at now: Instant,
    into output: inout ByteWriter
  ) {
    let start = output.count
    let copied = DNSHeader.recursionDesired | DNSHeader.checkingDisabled
    // With authority: who asked wants to know of a name of ours.
    var header = DNSHeader(
      id: asker.header.id,
      flags: DNSHeader.response | DNSHeader.authoritative | DNSHeader.recursionAvailable
        | asker.header.flags & copied | UInt16(code),
      questionCount: 1, answerCount: chain.count)
    header.encode(into: &output)
    output.write(question)
    let afterQuestion = output.count
    output.write(chain.records)
    let age = (now - received).wholeSeconds
    let message = bytes
    do throws(Malformed) {
      let reply = try DNSReply(checking: message.rawSpan)
      try reply.eachRecord { record, section throws(Malformed) in
        // Of the authority only what says how long an absence is remembered.
        guard section == 0 || section == 1 && record.type == DNSType.soa else { return }
        try Self.write(record, of: message.rawSpan, age: age, into: &output)
        if section == 0 { header.answerCount += 1 } else { header.authorityCount += 1 }
      }
    } catch {
      // It was checked when it came; what is damaged all the same is left out.
      output.truncate(to: afterQuestion)
      (header.answerCount, header.authorityCount) = (0, 0)
      header.flags = header.flags & 0xfff0 | DNSResponseCode.serverFailure.rawValue
    }
    let room = asker.limit - (asker.edns == nil ? 0 : DNSExtension.byteCount)
    if output.count - start > room {
      output.truncate(to: afterQuestion)
      (header.answerCount, header.authorityCount) = (0, 0)
      header.flags |= DNSHeader.truncated
    }
    if let edns = asker.edns {
      header.additionalCount = 1
      DNSExtension(payloadSize: DNSAsker.payloadSize, wantsSecurity: edns.wantsSecurity)
        .encode(into: &output)
    }
    output.replace(header.flags, at: start + 2)
    output.replace(header.answerCount, at: start + 6)
    output.replace(header.authorityCount, at: start + 8)
    output.replace(header.additionalCount, at: start + 10)
  }

  private static func write(
    _ record: DNSRecord, of message: RawSpan, age: UInt32, into output: inout ByteWriter
  ) throws(Malformed) {
    var name = DomainName()
    try DNSNameReader.read(message, at: record.start, into: &name)
    output.write(name.octets)
    output.write(record.type)
    output.write(record.recordClass)
    let lifetime = record.lifetime > UInt32(Int32.max) ? 0 : record.lifetime
    output.write(lifetime > age ? lifetime - age : 0)
    let lengthOffset = output.count
    output.write(UInt16(0))
    let layout = DNSNameLayout(record.type)
    var offset = record.dataStart
    if layout.nameCount > 0 {
      guard layout.before <= record.dataCount else {
        throw Malformed(.truncated, at: record.dataStart)
      }
      output.write(message.extracting(offset..<offset + layout.before))
      offset += layout.before
      for _ in 0..<layout.nameCount {
        offset = try DNSNameReader.read(message, at: offset, into: &name)
        output.write(name.octets)
      }
      guard offset <= record.end else { throw Malformed(.excessive("name"), at: offset) }
    }
    output.write(message.extracting(offset..<record.end))
    output.replace(
      UInt16(truncatingIfNeeded: output.count - lengthOffset - 2), at: lengthOffset)
  }
}

/// Where names stand in a record's data that servers may have shortened: those types that RFC 1035
/// defined, and others that RFC 3597 §4 says to read so. All later types have them whole.
private struct DNSNameLayout {
  /// The octets before the first name.
  var before = 0
  var nameCount = 0

  init(_ type: UInt16) {
    switch type {
    // NS, MD, MF, CNAME, MB, MG, MR, PTR, DNAME.
    case 2, 3, 4, 5, 7, 8, 9, 12, 39: nameCount = 1
    // SOA, MINFO, RP.
    case 6, 14, 17: nameCount = 2
    // MX, AFSDB, RT, KX.
    case 15, 18, 21, 36: (before, nameCount) = (2, 1)
    // PX.
    case 26: (before, nameCount) = (2, 2)
    // SRV.
    case 33: (before, nameCount) = (6, 1)
    default: break
    }
  }
}
