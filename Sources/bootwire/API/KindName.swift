import ArgumentParser
import Boot

/// A kind of object as people type it: `machines`, `machine` or `m`.
struct KindName {
  let kind: ObjectKind

  init?(argument: String) {
    let word = argument.lowercased()
    guard
      let kind = ObjectKind.allCases.first(where: {
        $0.rawValue == word || $0.singular == word || Self.short(for: $0) == word
      })
    else { return nil }
    self.kind = kind
  }

  /// The kind, or why the word is none, with the command or the kind that was meant.
  static func read(_ argument: String) throws -> KindName {
    if let kind = KindName(argument: argument) { return kind }
    switch argument.lowercased() {
    case "node", "nodes": throw ValidationError("say `bootwire nodes`")
    case "token", "tokens": throw ValidationError("say `bootwire tokens`")
    case "lease", "leases": throw ValidationError("say `bootwire leases`")
    case "event", "events": throw ValidationError("say `bootwire events`")
    case _:
      let question = NearestName.question(argument, among: allValueStrings)
      let kinds = allValueStrings.joined(separator: ", ")
      throw ValidationError("the kinds are \(kinds)\(question)")
    }
  }

  /// One that no two kinds share.
  static func short(for kind: ObjectKind) -> String {
    switch kind {
    case .machines: "m"
    case .profiles: "p"
    case .scripts: "s"
    case .answers: "a"
    case .hooks: "h"
    case .snippets: "sn"
    case .keys: "k"
    case .secrets: "sec"
    }
  }

  static var allValueStrings: [String] { ObjectKind.allCases.map(\.rawValue) }

  /// For the help of a command.
  static let help = ArgumentHelp(
    "machines, profiles, scripts, answers, hooks, snippets, keys or secrets; also machine or m.",
    valueName: "kind")
}
