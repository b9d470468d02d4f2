import Boot
import Network
import Services
import Wire

// What is wrong with a reply of ours in its world, whoever reads it.
extension Playback {
  func strayRefusals(
    of reply: OwnReply, to question: RecordedQuestion, _ machine: Int
  ) -> [Refusal] {
    [
      hardwareRefusal(of: reply, machine), serverRefusal(of: reply, question),
      nextServerRefusal(of: reply, machine), proxyRefusal(of: reply, question),
    ].compactMap(\.self) + networkRefusals(of: reply)
  }

  /// RFC 2131 §4.1: a client without an address is found by its hardware address alone.
  private func hardwareRefusal(of reply: OwnReply, _ machine: Int) -> Refusal? {
    let header = reply.meaning.header
    guard header.relayAddress == .unspecified, header.clientAddress == .unspecified,
      reply.sent.destination.address != .broadcast, reply.type != .nak,
      reply.sent.destination.address == header.yourAddress,
      reply.sent.hardware != machines[machine].recorded.macAddress
    else { return nil }
    let place = reply.sent.hardware.map { "to \($0)" } ?? "by an address that nobody has yet"
    return Refusal("destination", "it was sent \(place)")
  }

  /// Option 54: the client names it in its REQUEST, and a proxyDHCP's is asked on port 4011.
  private func serverRefusal(of reply: OwnReply, _ question: RecordedQuestion) -> Refusal? {
    guard !isConfigured, question.meaning[DHCPOption.relayAgentInformation] == nil,
      let server = reply.meaning.address(DHCPOption.serverIdentifier), server != stage.local
    else { return nil }
    return Refusal("option 54", "is \(server), and we are \(stage.local)")
  }

  /// `siaddr`, or option 66 where firmware prefers it: whom the boot file is asked of.
  private func nextServerRefusal(of reply: OwnReply, _ machine: Int) -> Refusal? {
    let file = reply.meaning.bootFileName
    guard !file.isEmpty, !file.contains("://"), reply.type != .nak,
      let firmware = machines[machine].asking
    else { return nil }
    if firmware.isEFI, let octets = reply.meaning[DHCPOption.tftpServerName] {
      let name = String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
      guard let address = IPv4Address(name), !isOurs(address) else { return nil }
      return Refusal("option 66", "is \(address), and we are \(stage.local)", .misled)
    }
    let next = reply.meaning.header.serverAddress
    // EDK II then asks whom option 54 names.
    if next == .unspecified, firmware.isEFI { return nil }
    return isOurs(next)
      ? nil : Refusal("siaddr", "is \(next), and we are \(stage.local)", .misled)
  }

  private func isOurs(_ address: IPv4Address) -> Bool {
    address == stage.local
      || isConfigured && appliance.world.catalog.subnets.contains { $0.ownAddress == address }
  }

  /// Beside another server we give no addresses.
  private func proxyRefusal(of reply: OwnReply, _ question: RecordedQuestion) -> Refusal? {
    let given = reply.meaning.header.yourAddress
    guard !isConfigured, given != .unspecified,
      let counterpart = recordedReplies(question).first(where: { $0.type == reply.type }),
      counterpart.isOfProxy, !question.isToBootServer
    else { return nil }
    return Refusal("yiaddr", "is \(given), and the recorded proxyDHCP gives no address")
  }

  /// What the world says of the network that the address is in, an address says too.
  private func networkRefusals(of reply: OwnReply) -> [Refusal] {
    let address = reply.meaning.header.yourAddress
    guard address != .unspecified, reply.type != .nak,
      let subnet = appliance.world.catalog.subnet(holding: address)
    else { return [] }
    let wanted: [(code: UInt8, address: IPv4Address?)] = [
      (DHCPOption.subnetMask, subnet.network.netmask), (DHCPOption.router, subnet.router),
      (DHCPOption.domainNameServer, subnet.dns?.first),
    ]
    return wanted.compactMap { code, wanted in
      guard let wanted, reply.meaning[code]?.starts(with: wanted.array) != true else { return nil }
      let here = reply.meaning[code].map { "is \(DHCPText.value(code, $0))" } ?? "is missing"
      return Refusal(DHCPText.option(code), "\(here), and the subnet's is \(wanted)", .misled)
    }
  }

  /// Whether a machine fetches what it was told to fetch there, and was told nothing here.
  mutating func wasToldNothing(
    fetching name: String, _ machine: Int, _ step: RecordedStep
  ) -> Bool {
    let state = machines[machine]
    guard !isConfigured, state.bootFile.isEmpty, !state.recordedBootFile.isEmpty,
      state.firmware?.namesItsFiles != true,
      Self.path(name) == Self.path(state.recordedBootFile)
    else { return false }
    machines[machine].observe(
      .failure, at: .address, step,
      "boot file: it is told of none, recorded \(Escaped(state.recordedBootFile))")
    return true
  }
}
