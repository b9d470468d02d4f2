import Boot
import YAML

/// What an installed machine reported of itself.
struct NodeText {
  private let node: AnswerValue

  init(_ node: AnswerValue) { self.node = node }

  func add(to text: inout DescriptionText) {
    text.add("host name", node["hostname"].shown)
    text.add("addresses", node["addresses"].items.map(\.shown))
    text.add("system", node["os"].shown)
    text.add("installed", node["installed"].shown)
    text.add("reachable", Self.reachability(of: node))
    text.add("host keys", node["hostKeys"].items.map { Self.key($0) })
    let pending = node["pendingHostKeys"].items.map { Self.key($0) }
    if !pending.isEmpty {
      text.add("pending keys", pending)
      text.add("", "(`bootwire nodes trust` takes them in place of the host keys)")
    }
    for fact in node["facts"].entries {
      text.add(Printable(fact.key).text, AnswerValue(fact.value).shown)
    }
  }

  /// `yes, 2026-11-22T10:00:00Z`
  static func reachability(of node: AnswerValue) -> String {
    let reachable = node["reachable"]
    let state = reachable["state"].text.map { Escaped($0).description } ?? "unknown"
    return reachable["time"].text == nil ? state : "\(state), \(reachable["time"].shown)"
  }

  private static func key(_ key: AnswerValue) -> String { Printable(key.text ?? key.shown).text }
}
