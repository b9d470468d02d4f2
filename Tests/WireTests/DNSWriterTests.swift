import Bytes
import Network
import Testing
import Wire

@Suite struct DNSWriterTests {
  private func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

  @Test func whatIsWrittenIsReadAgain() throws {
    var output = ByteWriter()
    output.write(UInt16(0))  // The length that stands before on a stream.
    var writer = DNSWriter()
    let question = DNSBytes.question("www.LAB.test")
    writer.begin(DNSHeader(id: 7, flags: 0x8400), question: question.rawSpan, into: &output)
    let mail = try name("mail.lab.test")
    let soa =
      try name("ns.lab.test").octets + name("hostmaster.lab.test").octets
      + [UInt8](repeating: 1, count: 20)
    writer.record(
      .question, DNSType.a, lifetime: 60, data: [10, 0, 0, 1], .answer, into: &output)
    writer.record(
      .question, DNSType.mx, lifetime: 60, data: ([0, 10] + mail.octets)[...], .answer,
      into: &output)
    writer.record(
      .name(try name("lab.test")), DNSType.soa, lifetime: 60, data: soa[...], .authority,
      into: &output)
    writer.record(
      .name(mail), DNSType.a, lifetime: 60, data: [10, 0, 0, 2], .additional, into: &output)
    writer.edns(DNSExtension(payloadSize: 1232), into: &output)
    writer.finish(into: &output)
    let message = Array(output.bytes.dropFirst(2))
    let records = try DNSBytes.records(message)
    #expect(
      records.map(\.name) == [
        "www.lab.test.", "www.lab.test.", "lab.test.", "mail.lab.test.", ".",
      ])
    #expect(records.map(\.type) == [1, 15, 6, 1, 41])
    // `mail` and a pointer to the question's `LAB.test`.
    #expect(records[1].data == [0, 10, 4] + Array("mail".utf8) + [0xc0, 16])
    // `ns` and `hostmaster` with their pointers, and five numbers.
    #expect(records[2].data.count == 3 + 2 + 11 + 2 + 20)
    let header = try DNSHeader(decoding: message.rawSpan)
    #expect(
      header
        == DNSHeader(
          id: 7, flags: 0x8400, questionCount: 1, answerCount: 2, authorityCount: 1,
          additionalCount: 2))
    Mutants.each(of: message) { mutant in _ = try? DNSBytes.records(mutant) }
  }

  @Test func aCutAnswerHasTheQuestionAndTC() throws {
    var output = ByteWriter()
    var writer = DNSWriter()
    let question = DNSBytes.question("a.b")
    writer.begin(DNSHeader(id: 7, flags: 0x8400), question: question.rawSpan, into: &output)
    writer.record(
      .question, DNSType.txt, lifetime: 60, data: [UInt8](repeating: 1, count: 900)[...], .answer,
      into: &output)
    writer.truncate(questionCount: question.count, into: &output)
    writer.finish(into: &output)
    #expect(output.bytes == DNSBytes.header(id: 7, flags: 0x8600) + question)
  }

  @Test func aRootInDataStaysWhole() throws {
    var output = ByteWriter()
    var writer = DNSWriter()
    let question = DNSBytes.question("a")
    writer.begin(DNSHeader(id: 7, flags: 0x8400), question: question.rawSpan, into: &output)
    writer.record(
      .question, DNSType.mx, lifetime: 60, data: [0, 0, 0], .answer, into: &output)
    writer.finish(into: &output)
    #expect(try DNSBytes.records(output.bytes).map(\.data) == [[0, 0, 0]])
  }
}
