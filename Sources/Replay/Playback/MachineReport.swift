import Boot
import Network
import Wire

/// What a replay says of one machine, with all that led to it.
package struct MachineReport: Sendable {
  package let macAddress: MACAddress
  package let firmware: Firmware?
  /// As its DHCP messages show them.
  package let uuid: UUID?
  package let serial: String?
  package let verdict: Verdict
  package let observations: [Observation]
  package let transcript: Transcript
  /// What it was told, to be held against what another configuration tells it.
  package let sayings: Sayings

  /// - Parameter sighting: What our DHCP saw of it; nil: nothing.
  init(_ machine: ReplayedMachine, _ sighting: Sighting?, isConfigured: Bool) {
    uuid = sighting?.uuid
    serial = sighting?.serial
    macAddress = machine.recorded.macAddress
    firmware = machine.recorded.firmware
    let recordedEnd =
      isConfigured
      ? nil : RecordedFailure(machine.recorded)?.observation ?? machine.stop?.observation
    observations = machine.observations + (recordedEnd.map { [$0] } ?? [])
    transcript = machine.transcript
    sayings = machine.sayings
    let isWhole = machine.recorded.isWholeBoot || machine.hasLeft
    if let failure = recordedEnd {
      verdict = .fails(at: failure.step, because: failure.text)
    } else if let failure = machine.firstFailure {
      verdict =
        isWhole || machine.stop != nil
        ? .fails(at: failure.step, because: failure.text)
        : .notAnsweredAsNeeded(because: failure.text)
    } else if isWhole, !machine.hasBooted {
      verdict = .fails(at: .bootFile, because: "nothing that it was told to boot came to it")
    } else if isWhole {
      let differs = observations.contains { $0.kind == .difference }
      verdict = differs ? .bootsDifferently : .boots
    } else {
      verdict = machine.answered == 0 ? .idle : .answeredAsNeeded(messages: machine.answered)
    }
  }
}

extension RecordedMachine {
  /// Whether the recording shows firmware that asks where to boot from, and then gets it.
  var isWholeBoot: Bool {
    guard firmware != nil else { return false }
    var hasAsked = false
    for step in steps {
      switch step {
      case .question(let question):
        if question.type == .discover, question.firmware != nil { hasAsked = true }
      case .transfer(let transfer):
        if hasAsked, transfer.ending == .completed { return true }
      case .exchange(let exchange, _):
        if hasAsked, exchange.method == "GET", let response = exchange.response,
          response.status == 200
        {
          return true
        }
      case .query: break
      }
    }
    return false
  }
}

/// A boot that did not come to anything in the recording itself: its last question was said again
/// and again, and nothing followed.
struct RecordedFailure {
  let observation: Observation

  init?(_ machine: RecordedMachine) {
    guard machine.firmware != nil, !machine.isWholeBoot else { return nil }
    var asked: [RecordedQuestion] = []
    for step in machine.steps {
      guard case .question(let question) = step, question.firmware != nil else { continue }
      if let last = asked.last,
        last.type != question.type || last.isToBootServer != question.isToBootServer
          || last.firmware != question.firmware
      {
        guard asked.count < Self.repetitions else { break }
        asked = []
      }
      asked.append(question)
    }
    guard asked.count >= Self.repetitions, let first = asked.first else { return nil }
    let times = asked.map { Self.seconds($0.datagram.time) }.joined(separator: ", ")
    let name = DHCPText.name(first.type) + (first.isToBootServer ? " to port 4011" : "")
    let replies = asked.flatMap(\.replies)
    let refusal =
      replies.isEmpty
      ? "nobody answered" : RecordedFailure.refusal(first, replies)
    observation = Observation(
      .failure, at: first.isToBootServer ? .bootServer : .address, frame: first.datagram.frame,
      time: first.datagram.time, "\(name) was said at \(times) s: \(refusal)")
  }

  /// So often that it is no impatience.
  private static let repetitions = 4

  /// Why this firmware takes none of the recorded answers, by the rules that hold for ours.
  private static func refusal(_ question: RecordedQuestion, _ replies: [RecordedReply]) -> String {
    for reply in replies {
      let role = question.isToBootServer ? .bootServer : ReceivedReply.role(of: reply.meaning)
      guard let role else { continue }
      let received = ReceivedReply(
        firmware: question.firmware, question: question.meaning,
        questionPort: question.datagram.source.port, reply: reply.meaning,
        octets: reply.datagram.payload, source: reply.datagram.source,
        destination: reply.datagram.destination, role: role)
      if let refusal = ReplyRule.refusals(of: received).first {
        return "the \(role.rawValue) of \(reply.server) was refused, for its \(refusal)"
      }
    }
    return "no answer was taken"
  }

  private static func seconds(_ time: Instant) -> String {
    let tenths = (max(0, time.nanoseconds) + 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
