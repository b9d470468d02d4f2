import Boot
import Network
import Services

// What `explain` asks of a replay: packets, each with the state that it met.
extension Playback {
  /// A watched packet as it was answered.
  struct Scene: Sendable {
    let step: RecordedStep
    let time: Instant
    let outcomes: [Outcome]
    /// As it is after the packet.
    let appliance: VirtualAppliance
  }

  /// Keeps what came of a step, when its packet is watched.
  mutating func watch(_ step: RecordedStep, at now: Instant) {
    guard watched.contains(step.frame) else { return }
    scenes[step.frame] = Scene(
      step: step, time: now, outcomes: watchedOutcomes[step.frame] ?? [], appliance: appliance)
  }

  /// Plays the recording and explains the answers to the watched packets, by their numbers; those
  /// that a boot server does not answer are not among them.
  package mutating func explanations() -> [Int: Explanation] {
    _ = run()
    return scenes.mapValues(explain)
  }

  private func explain(_ scene: Scene) -> Explanation {
    var explanation = Explanation(
      "packet \(scene.step.frame), \(Self.title(of: scene.step))", scene.outcomes,
      scene.appliance.origins)
    explanation.answers = Self.answers(of: scene)
    guard let reply = scene.outcomes.ownReply else { return explanation }
    if isConfigured {
      let vantage = Vantage(
        interface: stage.interface, local: reply.sent.source.address, relay: stage.relay)
      explanation.answers +=
        FollowedReply(
          reply, scene.outcomes.reasons.last ?? [], after: scene.appliance, from: vantage,
          at: scene.time
        ).answers
    } else {
      explanation.notes.append(
        "the world is the recording's own: its files and scripts are the recorded ones; --config"
          + " shows what a configuration answers")
    }
    return explanation
  }

  /// The packets that can be explained, in order.
  package var explainable: [Int] {
    Set(machines.flatMap { $0.recorded.steps.map(\.frame) }).sorted()
  }

  private static func title(of step: RecordedStep) -> String {
    switch step {
    case .question(let question):
      DHCPText.question(question)
    case .transfer(let transfer):
      "RRQ \(Escaped(transfer.name))"
    case .exchange(let exchange, _): "\(Escaped(exchange.method)) \(Escaped(exchange.target))"
    case .query(let query, _): "query \(RecordedName.question(query.payload))"
    }
  }

  /// What is no DHCP reply.
  private static func answers(of scene: Scene) -> [Explanation.Answer] {
    switch scene.step {
    case .question, .query: []
    case .transfer(let transfer): [answer(to: transfer, scene.outcomes)]
    case .exchange(let exchange, _):
      [
        Explanation.Answer(
          request: "\(Escaped(exchange.method)) \(Escaped(exchange.target))",
          answer: OwnResponse(scene.outcomes, isHead: exchange.method == "HEAD").map {
            "\($0.status), \($0.byteCount) bytes"
          } ?? "no answer")
      ]
    }
  }

  private static func answer(
    to transfer: RecordedTransfer, _ outcomes: [Outcome]
  ) -> Explanation.Answer {
    let name = "TFTP \(Escaped(transfer.name))"
    for case .sent(let sent) in outcomes {
      return Explanation.Answer(request: name, answer: TFTPText.answer(sent.payload))
    }
    return Explanation.Answer(request: name, answer: "no answer")
  }
}
