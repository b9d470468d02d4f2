import Boot

/// What a machine's different answers come from, in words that all machines of the same cause share.
struct FleetCause {
  let text: String

  /// - Parameters:
  ///   - failure: Why it no longer boots, where it does not.
  init(
    from old: Sayings, to new: Sayings, _ differences: [AnswerDifference], failure: String?
  ) {
    let choices = Self.choices(old.decisions, new.decisions)
    let first = choices.first { !$0.here.isSameBoot(as: $0.there) }
    let other = choices.first { $0.here != $0.there }
    text =
      first.map { $0.here.text(after: $0.there) } ?? failure
      ?? other.map { $0.here.text(after: $0.there) } ?? differences.first.map(Self.text)
      ?? "other words on the same way"
  }

  /// What both decided on the same questions, until one is asked what the other is not.
  private static func choices(
    _ old: [Sayings.Decision], _ new: [Sayings.Decision]
  ) -> [(there: Choice, here: Choice)] {
    zip(old, new).prefix { $0.question == $1.question }
      .map { (Choice($0.reasons), Choice($1.reasons)) }
  }

  private static func text(_ difference: AnswerDifference) -> String {
    switch difference.part {
    case .option(51): "lease time \(difference.was) \u{2192} \(difference.willBe)"
    case .address: "another address"
    case .text: "another text of \(difference.place)"
    case .whole, .nextServer, .bootFile, .destination, .option, .file, .name, .fetch:
      difference.description
    }
  }
}

/// What one decision came to.
private struct Choice: Equatable {
  var machine: String?
  var profile: String?
  /// How the profile was found.
  var way: String?
  var loader: String?
  /// What stood in the way of booting, or beside it.
  var end: Reason?

  init(_ reasons: [Reason]) {
    for reason in reasons {
      switch reason {
      case .machineNamed(let name, _): machine = name
      case .profileNamed(let name): (profile, way) = (name, "named by its machine")
      case .profileMatched(let name, let count):
        (profile, way) = (name, "matches by \(count) \(count == 1 ? "criterion" : "criteria")")
      case .profileDefault(let name): (profile, way) = (name, "the default")
      case .menuChosen(let name): profile = name
      case .armed(let name): (profile, way) = (name, "armed")
      case .loaderChosen(let chosen): loader = chosen.path
      case .profileAbsent, .ignoredByPolicy, .notBooting, .localBoot, .loaderAbsent,
        .architectureUnknown, .menuLacks, .notArmed, .armedElsewhere:
        end = reason
      case .machineUnlisted, .profileMissed, .profileElsewhere, .firstContact, .scriptForIPXE,
        .namesItsFiles:
        break
      }
    }
  }

  /// Whether both lead a machine the same way, for whatever reason.
  func isSameBoot(as other: Choice) -> Bool {
    profile == other.profile && end == other.end && loader == other.loader
  }

  func text(after was: Choice) -> String {
    if profile != was.profile { return profileText(was) }
    if end != was.end { return end.map(Self.sentence) ?? "it boots now" }
    if loader != was.loader {
      return "loader \(loader ?? "none") instead of \(was.loader ?? "none")"
    }
    if machine != was.machine {
      return machine.map { "it is the machine \($0) now" }
        ?? "it is the machine \(was.machine ?? "") no longer"
    }
    return "profile \"\(profile ?? "none")\" by another rule: \(way ?? "chosen") instead of"
      + " \(was.way ?? "chosen")"
  }

  private func profileText(_ was: Choice) -> String {
    func named(_ choice: Choice) -> String? {
      choice.profile.map { name in
        "profile \"\(name)\"" + (choice.way.map { " (\($0))" } ?? "")
      }
    }
    guard let now = named(self) else {
      let why = end.map { ": " + Self.sentence($0) } ?? ""
      return "no profile instead of \(named(was) ?? "none")\(why)"
    }
    return "\(now) instead of \(named(was) ?? "none")"
  }

  /// A reason without its full stop, to stand within a line.
  private static func sentence(_ reason: Reason) -> String {
    let text = reason.description
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }
}
