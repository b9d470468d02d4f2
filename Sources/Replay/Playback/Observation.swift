import Network

/// Something that a replay found out about one machine.
package struct Observation: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// The machine's boot ends here.
    case failure
    /// It goes on, otherwise than in the recording.
    case difference
    /// Worth knowing, and nothing of ours.
    case remark
  }

  package let kind: Kind
  package let step: BootStep
  /// The packet of the recording that it is about.
  package let frame: Int
  package let time: Instant
  package let text: String

  package init(_ kind: Kind, at step: BootStep, frame: Int, time: Instant, _ text: String) {
    self.kind = kind
    self.step = step
    self.frame = frame
    self.time = time
    self.text = text
  }
}

/// What a replay says of one machine.
package enum Verdict: Hashable, Sendable {
  /// It boots by the same steps as in the recording.
  case boots
  /// It boots by other steps, or is told something else on the way.
  case bootsDifferently
  case fails(at: BootStep, because: String)
  /// The recording holds no whole boot; each message that wanted an answer got the one it needs.
  case answeredAsNeeded(messages: Int)
  case notAnsweredAsNeeded(because: String)
  /// It asked for nothing.
  case idle

  package var isFailure: Bool {
    switch self {
    case .fails, .notAnsweredAsNeeded: true
    case .boots, .bootsDifferently, .answeredAsNeeded, .idle: false
    }
  }
}

extension Verdict: CustomStringConvertible {
  package var description: String {
    switch self {
    case .boots: "boots"
    case .bootsDifferently: "boots differently"
    case .fails(let step, let reason): "fails at \(step.rawValue) because \(reason)"
    case .answeredAsNeeded(let count):
      "answered as needed (\(count) message\(count == 1 ? "" : "s"))"
    case .notAnsweredAsNeeded(let reason): "not answered as needed: \(reason)"
    case .idle: "asked for nothing"
    }
  }
}
