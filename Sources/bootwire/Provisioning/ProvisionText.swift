import YAML

/// How it stands with the installation of a machine.
struct ProvisionText {
  private let provision: AnswerValue

  init(_ provision: AnswerValue) { self.provision = provision }

  func add(to text: inout DescriptionText) {
    text.add("state", Self.state(provision))
    if provision["profile"].text != nil { text.add("profile", provision["profile"].shown) }
    if provision["expires"].text != nil { text.add("expires", provision["expires"].shown) }
    for fact in provision["facts"].entries {
      text.add(Printable(fact.key).text, AnswerValue(fact.value).shown)
    }
    let history = provision["history"].items.map { entry in
      "\(entry["time"].shown)  \(entry["state"].shown)  \(Self.cause(of: entry))"
    }
    if !history.isEmpty { text.add("history", history) }
  }

  /// `armed since 2026-11-22T10:00:00Z: operator`
  private static func state(_ provision: AnswerValue) -> String {
    let since = provision["since"].text == nil ? "" : " since \(provision["since"].shown)"
    let cause = provision["cause"].text == nil ? "" : ": \(cause(of: provision))"
    return provision["state"].shown + since + cause
  }

  static func cause(of entry: AnswerValue) -> String { Printable(entry["cause"].text ?? "-").text }
}
