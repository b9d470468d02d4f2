import Boot
import Bytes
import Network
import RecordedPackets
import Services
import Testing
import Wire

@Suite struct OriginTests {
  /// What each fixture is answered, as its first message and again on port 4011.
  private static func answers(
    to fixture: PacketFixture, _ mode: Interface.Mode, explained: Bool
  ) -> [(octets: [UInt8], notes: [Origins.Note])] {
    var service = DHCPService()
    let catalog = DHCPBench.catalog(
      mode: mode, options: [OptionSetting(code: 42, value: [10, 77, 0, 1])],
      trust: [UInt8](repeating: 7, count: 32), loaders: .all)
    var actions = Actions(explained: explained)
    return ([67, 4011] as [UInt16]).flatMap { port -> [(octets: [UInt8], notes: [Origins.Note])] in
      actions.clear()
      service.receive(
        fixture.octets.rawSpan,
        from: Arrival(
          source: Endpoint(DHCPBench.relay, 67), destination: Endpoint(.broadcast, port),
          local: DHCPBench.own, interface: 2), catalog, at: .start, into: &actions)
      return actions.list.compactMap {
        guard case .send(let reply) = $0 else { return nil }
        return (Array(actions.octets(reply.payload)), actions.origins.notes)
      }
    }
  }

  @Test(arguments: PacketFixture.all, [Interface.Mode.authoritative, .proxy])
  func everyPartOfAReplyHasItsOrigin(_ fixture: PacketFixture, _ mode: Interface.Mode) throws {
    for answer in Self.answers(to: fixture, mode, explained: true) {
      let meaning = try DHCPMeaning(DHCPMessage(checking: answer.octets.rawSpan))
      let present = answer.notes.filter { !$0.origin.isAbsence }.map(\.part)
      for option in meaning.options { #expect(present.contains(.option(option.code))) }
      #expect(present.contains(.destination))
      #expect(meaning.file.allSatisfy { $0 == 0 } || present.contains(.file))
      #expect(meaning.header.yourAddress == .unspecified || present.contains(.yourAddress))
      #expect(meaning.header.serverAddress == .unspecified || present.contains(.nextServer))
      // Nothing is noted as written that is not there.
      for case .option(let code) in present { #expect(meaning[code] != nil, "option \(code)") }
    }
  }

  @Test(arguments: PacketFixture.all, [Interface.Mode.authoritative, .proxy])
  func nobodyPaysForOriginsThatNobodyAsksFor(
    _ fixture: PacketFixture, _ mode: Interface.Mode
  ) {
    let plain = Self.answers(to: fixture, mode, explained: false)
    #expect(plain.map(\.octets) == Self.answers(to: fixture, mode, explained: true).map(\.octets))
    for answer in plain { #expect(answer.notes.isEmpty) }
  }

  private func notes(
    _ options: [OptionSetting] = [], _ change: (inout DHCPBench.Question) -> Void
  ) -> [Origins.Note] {
    var question = DHCPBench.question(.discover, 0xa1)
    change(&question)
    var output = ByteWriter()
    let writer = DHCPWriter(question.header, limit: 4000, into: &output)
    for option in question.options { writer.option(option.code, option.value, into: &output) }
    writer.finish(into: &output)
    var service = DHCPService()
    var actions = Actions(explained: true)
    service.receive(
      output.bytes.rawSpan,
      from: Arrival(
        source: question.source, destination: Endpoint(question.destination, question.port),
        local: question.local, interface: question.interface),
      DHCPBench.catalog(options: options), at: .start, into: &actions)
    return actions.origins.notes
  }

  private func origins(_ part: Origins.Part, _ notes: [Origins.Note]) -> [Origin] {
    notes.filter { $0.part == part }.map(\.origin)
  }

  @Test func anOptionThatIsNotAskedForIsNotedAsLeftOut() {
    let options = [OptionSetting(code: 42, value: [10, 77, 0, 1])]
    let without = notes(options) { $0[55] = [1, 3] }
    #expect(origins(.option(42), without) == [.notAskedFor])
    #expect(origins(.option(12), without) == [.notAskedFor])
    let with = notes(options) { $0[55] = [1, 3, 12, 42] }
    let subnet = IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16)
    #expect(origins(.option(42), with) == [.operators(subnet)])
    #expect(origins(.option(12), with) == [.machine("reserved")])
    #expect(origins(.yourAddress, with) == [.machine("reserved")])
  }

  @Test func anOperatorsOptionThatTheBootOverrulesIsNotedAsSuch() {
    let notes = notes([OptionSetting(code: 67, value: [0x61])]) {
      $0[93] = [0, 0]
      $0[60] = Array("PXEClient:Arch:00000:UNDI:002001".utf8)
    }
    #expect(origins(.option(67), notes) == [.loader(profile: "linux"), .overruled])
  }

  @Test func aLeaseThatIsAskedToBeShortSaysSo() {
    #expect(origins(.option(51), notes { $0[51] = [0, 0, 0, 60] }) == [.askedForLess])
  }

  @Test func everyOriginHasItsWords() {
    let network = IPv4Prefix(IPv4Address(10, 0, 0, 0), length: 8)
    let all: [Origin] = [
      .rule("RFC 1"), .ours, .relay, .subnet(network), .operators(network), .machine("a"),
      .loader(profile: "a"), .loader(profile: nil), .script(profile: "a"), .script(profile: nil),
      .quirk("a", effect: "b"), .authority, .echoed("RFC 2"), .leased, .wished,
      .free(DHCPBench.pool), .askedForLess, .notAskedFor, .overruled,
    ]
    #expect(Set(all.map(\.description)).count == all.count)
  }
}
