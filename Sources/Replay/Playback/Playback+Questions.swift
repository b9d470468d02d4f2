import Boot
import Bytes
import Network
import Services
import Wire

// DHCP.
extension Playback {
  /// Says a recorded question on the stage, and holds our answer against what the client needs and
  /// what the recorded server said.
  mutating func ask(_ question: RecordedQuestion, _ machine: Int, at now: Instant) {
    if isConfigured, question.datagram.frame == machines[machine].deadEnd {
      return startAnew(
        machine, .question(question), at: now, because: "the recorded boot came to nothing")
    }
    let header = question.meaning.header
    let isOurs =
      question.datagram.destination.address.isUnicast
      ? isOwn(question.datagram.destination.address) : true
    machines[machine].transcript.add(.heard, at: now, DHCPText.question(question))
    if let firmware = question.firmware { machines[machine].firmware = firmware }
    if question.type == .discover { machines[machine].asking = question.firmware }
    if question.type == .discover, question.firmware != nil {
      // Another boot begins: what the last one was told is told no more.
      machines[machine].bootFile = ""
      machines[machine].recordedBootFile = ""
    }
    if let foreign = foreignAcknowledgement(question) {
      machines[machine].acknowledgement = foreign
    }
    guard isOurs else {
      return machines[machine].transcript.add(
        .remark, at: now, "to \(question.datagram.destination), not to us")
    }
    let payload = stage.translated(
      question, addresses: machines[machine].recorded.addresses, to: machines[machine].address,
      identifier: machines[machine].server ?? stage.local)
    let relay =
      header.relayAddress != .unspecified
      ? header.relayAddress
      : Stage.isUnicast(question) ? .unspecified : stage.relay ?? .unspecified
    let source = question.datagram.source.address
    let arrival = stage.arrival(
      of: question.datagram, from: machines[machine].here(source), relay: relay)
    arm(machine, showing: payload, from: arrival, at: now)
    appliance.receive(payload, from: arrival, at: now, into: &outcomes)
    let list = takeOutcomes()
    hear(
      list, question, as: DHCPMeaning(reading: payload) ?? question.meaning, machine, at: now)
  }

  private func isOwn(_ address: IPv4Address) -> Bool {
    !stage.foreignServers.contains(address)
  }

  private mutating func hear(
    _ list: [Outcome], _ question: RecordedQuestion, as asked: DHCPMeaning, _ machine: Int,
    at now: Instant
  ) {
    var replies: [OwnReply] = []
    for outcome in list {
      note(outcome, machine, frame: question.datagram.frame, at: now)
      guard case .sent(let sent) = outcome, let reply = OwnReply(sent) else { continue }
      replies.append(reply)
      machines[machine].transcript.add(.said, at: now, reply.text)
      take(reply, question, machine, at: now)
    }
    judge(replies, question, as: asked, machine)
  }

  /// Transcript of what is no datagram.
  mutating func note(_ outcome: Outcome, _ machine: Int, frame: Int, at now: Instant) {
    if watched.contains(frame) { watchedOutcomes[frame, default: []].append(outcome) }
    machines[machine].sayings.take(outcome)
    switch outcome {
    case .recorded(let event): machines[machine].transcript.add(event, at: now)
    case .stored(let lease):
      machines[machine].transcript.add(.stored, at: now, "store lease \(lease.address)")
    case .erased(let address):
      machines[machine].transcript.add(.stored, at: now, "erase lease \(address)")
    case .kept(let change): machines[machine].transcript.add(.stored, at: now, "\(change)")
    case .decided(let tried): reasons[frame, default: []].append(tried)
    case .sent, .responded, .respondedFile, .closed, .asked: break
    }
  }

  /// Remembers what the machine is told, there and here.
  private mutating func take(
    _ reply: OwnReply, _ question: RecordedQuestion, _ machine: Int, at now: Instant
  ) {
    if reply.type != .nak, reply.meaning.header.yourAddress != .unspecified {
      machines[machine].address = reply.meaning.header.yourAddress
    }
    if reply.meaning.header.yourAddress == .unspecified, machines[machine].address == nil {
      // Another server's address is the same here as there.
      machines[machine].address = machines[machine].recorded.addresses.first
    }
    if let server = reply.meaning.address(DHCPOption.serverIdentifier) {
      machines[machine].server = server
    }
    if reply.type == .ack, !question.isToBootServer {
      machines[machine].acknowledgement = reply.meaning
    }
    if !reply.meaning.bootFileName.isEmpty {
      machines[machine].bootReply = reply.meaning
      machines[machine].bootFile = reply.meaning.bootFileName
    }
    let recorded = recordedReplies(question).map(\.meaning.bootFileName).first { !$0.isEmpty }
    if let recorded { machines[machine].recordedBootFile = recorded }
  }

  private func foreignAcknowledgement(_ question: RecordedQuestion) -> DHCPMeaning? {
    question.replies.last { $0.type == .ack && stage.foreignServers.contains($0.server) }?.meaning
  }

  /// What our recorded counterpart said; where we have none, whoever spoke.
  func recordedReplies(_ question: RecordedQuestion) -> [RecordedReply] {
    question.replies.filter { !stage.foreignServers.contains($0.server) }
  }

  private mutating func judge(
    _ replies: [OwnReply], _ question: RecordedQuestion, as asked: DHCPMeaning, _ machine: Int
  ) {
    let place = RecordedStep.question(question)
    let step: BootStep = question.isToBootServer ? .bootServer : .address
    let wanted = expected(question)
    if let wanted, !replies.contains(where: { wanted.contains($0.type) }) {
      let said = replies.map { DHCPText.name($0.type) }.joined(separator: ", ")
      let names = wanted.map(DHCPText.name).joined(separator: " or ")
      return machines[machine].observe(
        .failure, at: step, place,
        "\(DHCPText.name(question.type)) wants \(names), and got \(said.isEmpty ? "nothing" : said)"
      )
    }
    var isRefused = false
    for reply in replies {
      let found =
        refusals(of: reply, to: question, as: asked, machine)
        + strayRefusals(of: reply, to: question, machine)
      for refusal in found {
        isRefused = true
        machines[machine].observe(
          .failure, at: step, place, "\(DHCPText.name(reply.type)): \(refusal)")
      }
      compare(reply, question, machine)
    }
    if wanted != nil, !isRefused { machines[machine].answered += 1 }
  }

  /// Why the firmware that asked would not take a reply as it is meant.
  private func refusals(
    of reply: OwnReply, to question: RecordedQuestion, as asked: DHCPMeaning, _ machine: Int
  ) -> [Refusal] {
    let role = question.isToBootServer ? .bootServer : ReceivedReply.role(of: reply.meaning)
    guard let role else { return [] }
    let received = ReceivedReply(
      firmware: question.firmware ?? machines[machine].asking, question: asked,
      questionPort: question.datagram.source.port, reply: reply.meaning,
      octets: reply.sent.payload, source: reply.sent.source,
      destination: reply.sent.destination, role: role)
    let asksBootServer = machines[machine].asksBootServer
    return ReplyRule.refusals(of: received).filter { refusal in
      switch refusal.effect {
      case .dropped, .misled: return true
      // EFI machines are sent to port 4011; others that go there did so in the recording too.
      case .asksBootServer:
        return refusal.quirk != .proxyOfferLeadsEFIToBootServer && !asksBootServer
      }
    }
  }

  /// The kinds of message that this question needs one of; nil: it needs none.
  private func expected(_ question: RecordedQuestion) -> [DHCPMessageType]? {
    let own = recordedReplies(question)
    if !own.isEmpty {
      // A recorded NAK may be another server's view of who gives addresses here.
      let types = Set(own.map(\.type))
      return [.offer, .ack, .nak].filter { types.contains($0) }
    }
    guard question.replies.isEmpty, stage.foreignServers.isEmpty else { return nil }
    switch question.type {
    case .discover: return [.offer]
    case .request:
      guard let server = question.chosenServer else { return nil }
      return server == stage.recordedServer || stage.recordedServer == nil ? [.ack] : nil
    case .inform, .decline, .release, .offer, .ack, .nak: return nil
    }
  }

  private mutating func compare(_ reply: OwnReply, _ question: RecordedQuestion, _ machine: Int) {
    guard let recorded = recordedReplies(question).last(where: { $0.type == reply.type }) else {
      return
    }
    let differences = DHCPText.differences(
      recorded: recorded.meaning, ours: reply.meaning, question: question.meaning,
      isSame: isSameByRole)
    for difference in differences
    where machines[machine].differences.insert(difference).inserted {
      // Said once: the ACK says what the OFFER said, and a question said again gets the same.
      let text = "\(DHCPText.name(reply.type)) \(difference)"
      if isConfigured {
        machines[machine].observe(.difference, at: .address, .question(question), text)
      } else {
        machines[machine].transcript.add(.difference, at: question.datagram.time, text)
      }
    }
  }

  /// Whether two values differ in nothing but the address of the server.
  private func isSameByRole(_ there: [UInt8], _ here: [UInt8]) -> Bool {
    guard let server = stage.recordedServer else { return false }
    let (a, b, c, d) = server.octets
    let (e, f, g, h) = stage.local.octets
    if there == [a, b, c, d], here == [e, f, g, h] { return true }
    let text = String(decoding: there, as: UTF8.self)
    return Self.replacing(server.description, by: stage.local.description, in: text)
      == String(decoding: here, as: UTF8.self)
  }

  static func replacing(_ old: String, by new: String, in text: String) -> String {
    var result: [UInt8] = []
    let octets = Array(text.utf8)
    let pattern = Array(old.utf8)
    var index = 0
    while index < octets.count {
      if octets[index...].starts(with: pattern) {
        result += new.utf8
        index += pattern.count
      } else {
        result.append(octets[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// A DHCP message of ours.
package struct OwnReply: Sendable {
  package let sent: SentDatagram
  package let type: DHCPMessageType
  package let meaning: DHCPMeaning

  package init?(_ sent: SentDatagram) {
    guard [67, 4011].contains(sent.source.port),
      let message = try? DHCPMessage(checking: sent.payload.rawSpan), !message.isRequest,
      let type = try? message.type, let meaning = try? DHCPMeaning(message)
    else { return nil }
    self.sent = sent
    self.type = type
    self.meaning = meaning
  }

  /// Where it goes, and what it says.
  var text: String {
    let destination = sent.hardware.map { "\($0) " } ?? ""
    return "\(destination)\(sent.destination) \(DHCPText.reply(type, meaning))"
  }
}
