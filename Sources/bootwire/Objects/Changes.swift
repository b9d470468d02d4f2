import Boot
import YAML

/// What an apply, delete or rollback did to objects, or would do.
struct Changes {
  private let answer: AnswerValue

  init(_ answer: AnswerValue) { self.answer = answer }

  enum Kind: String, CaseIterable {
    case created
    case changed
    case deleted
    case unchanged
  }

  func count(_ kind: Kind) -> Int {
    answer["changes"].items.count { $0["change"].text == kind.rawValue }
  }

  var isEmpty: Bool { answer["changes"].items.allSatisfy { $0["change"].text == "unchanged" } }

  var deleted: [String] {
    answer["changes"].items.filter { $0["change"].text == "deleted" }.map { Self.name(of: $0) }
  }

  /// A line for each object, and what is different in it. Many that stay as they are are one line.
  func text(withDiff: Bool) -> String {
    var lines: [String] = []
    let showsUnchanged = count(.unchanged) <= Self.unchangedShown
    for change in answer["changes"].items {
      let word = change["change"].text ?? "-"
      if word == Kind.unchanged.rawValue, !showsUnchanged { continue }
      lines.append("\(Printable(word)) \(Self.name(of: change))")
      if withDiff { lines += Self.diff(of: change).map { "    \($0)" } }
    }
    return lines.joined(separator: "\n")
  }

  /// What stops nothing, with the appliance's own file names.
  var warnings: [Mistake] { Problem.mistakes(in: answer["warnings"]) }

  private static let unchangedShown = 200

  /// `generation 12: 1 created, 2 changed`
  func summary(isDry: Bool) -> String {
    let parts = Kind.allCases.compactMap { kind in
      let count = count(kind)
      return count == 0 ? nil : "\(Self.grouped(count)) \(kind.rawValue)"
    }
    let counts = parts.isEmpty ? "no objects" : parts.joined(separator: ", ")
    if isDry { return "nothing was applied (--dry-run): \(counts)" }
    guard let generation = answer["generation"].text else { return counts }
    return "generation \(Escaped(generation)): \(counts)"
  }

  /// `machine/rack3-07`
  private static func name(of change: AnswerValue) -> String {
    let kind = change["kind"].text ?? ""
    let word = ObjectKind(rawValue: kind)?.singular ?? Escaped(kind).description
    return "\(word)/\(change["name"].shown)"
  }

  /// As a text of lines, or as a list of them.
  private static func diff(of change: AnswerValue) -> [String] {
    let diff = change["diff"]
    if let text = diff.text {
      return Printable(text).text.split(separator: "\n").map { String($0) }
    }
    return diff.items.map { Printable($0.text ?? $0.shown).text }
  }

  /// 10000 as `10,000`.
  static func grouped(_ count: Int) -> String {
    var digits = String(count)
    var groups: [String] = []
    while digits.count > 3 {
      groups.append(String(digits.suffix(3)))
      digits.removeLast(3)
    }
    return ([digits] + groups.reversed()).joined(separator: ",")
  }
}
