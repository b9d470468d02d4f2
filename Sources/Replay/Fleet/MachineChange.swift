import Boot
import Network

/// What becomes of one recorded machine when a configuration changes.
package struct MachineChange: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    /// It booted, and would not any more.
    case breaks
    /// It boots, and is told something else.
    case differs
    /// It did not boot, and would.
    case mends
    /// It did not boot, and does not, whatever it is told.
    case fails
    /// It is told the same, and boots.
    case none
  }

  package let kind: Kind
  /// The same for all machines of one cause; empty where nothing changes.
  package let cause: String
  package let differences: [AnswerDifference]
  package let macAddress: MACAddress
  package let firmware: Firmware?
  /// As the configuration names it; nil: it does not.
  package let name: String?
  /// nil: there was nothing to hold it against.
  package let was: Verdict?
  package let willBe: Verdict

  /// - Parameter old: The same machine of the same recording by the configuration of before.
  package init(from old: MachineReport?, to new: MachineReport) {
    macAddress = new.macAddress
    firmware = new.firmware
    name = Self.name(new.sayings) ?? old.flatMap { Self.name($0.sayings) }
    was = old?.verdict
    willBe = new.verdict
    let failure = Self.failure(new)
    guard let old else {
      (kind, cause) = (willBe.isFailure ? .fails : .none, failure ?? "")
      differences = []
      return
    }
    let found = AnswerDifference.all(from: old.sayings, to: new.sayings)
    differences = found
    switch (old.verdict.isFailure, willBe.isFailure) {
    case (false, true): kind = .breaks
    case (true, false): kind = .mends
    case (true, true): kind = found.isEmpty ? .fails : .differs
    case (false, false): kind = found.isEmpty ? .none : .differs
    }
    switch kind {
    case .none: cause = ""
    case .fails: cause = failure ?? ""
    case .breaks, .differs, .mends:
      cause =
        FleetCause(
          from: old.sayings, to: new.sayings, found, failure: kind == .breaks ? failure : nil
        ).text.withoutMachine(new.macAddress)
    }
  }

  /// Why it does not boot; nil: it does.
  private static func failure(_ report: MachineReport) -> String? {
    switch report.verdict {
    case .fails, .notAnsweredAsNeeded: "\(report.verdict)".withoutMachine(report.macAddress)
    case .boots, .bootsDifferently, .answeredAsNeeded, .idle: nil
    }
  }

  private static func name(_ sayings: Sayings) -> String? {
    for decision in sayings.decisions {
      for case .machineNamed(let name, _) in decision.reasons { return name }
    }
    return nil
  }
}

extension MachineChange.Kind {
  /// Whether the machine would be answered otherwise than before.
  package var isDifferent: Bool {
    switch self {
    case .breaks, .differs, .mends: true
    case .fails, .none: false
    }
  }

  /// What a group of such machines is headed by.
  package var title: String {
    switch self {
    case .breaks: "would not boot any more"
    case .differs: "would be answered differently"
    case .mends: "would boot now"
    case .fails: "fails as before"
    case .none: "is answered as before"
    }
  }
}

extension String {
  /// The text without a machine's own address, so that machines can share it.
  fileprivate func withoutMachine(_ address: MACAddress) -> String {
    var text = self
    for form in ["\(address)", address.dashed] {
      text = Playback.replacing(form, by: "MAC", in: text)
    }
    return text
  }
}
