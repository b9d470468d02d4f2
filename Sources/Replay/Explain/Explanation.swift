/// Why a message is answered as it is: what `bootwire explain` prints, and what a running appliance
/// tells of a machine. Everything in it was said by the services themselves.
package struct Explanation: Codable, Hashable, Sendable {
  /// What was asked, in a line.
  package var question: String
  /// What had to be supposed in order to ask it.
  package var notes: [String]
  package var rules: [Rule]
  /// nil: there is no DHCP reply.
  package var reply: Reply?
  /// What the appliance recorded.
  package var events: [String]
  /// What the machine finds when it follows the reply.
  package var answers: [Answer]

  /// A rule of the decision, in the order tried.
  package struct Rule: Codable, Hashable, Sendable {
    package var text: String
    package var matches: Bool
  }

  package struct Reply: Codable, Hashable, Sendable {
    package var type: String
    package var destination: String
    package var because: [String]
    package var parts: [Part]
  }

  /// An option or a field of a reply.
  package struct Part: Codable, Hashable, Sendable {
    package var name: String
    /// nil: it is not in the reply.
    package var value: String?
    package var origins: [String]
  }

  package struct Answer: Codable, Hashable, Sendable {
    package var request: String
    package var answer: String
    /// A script or menu, in full.
    package var text: String?
  }
}

extension Explanation {
  /// For people.
  package var text: String {
    var lines = [question]
    lines += notes.map { "  note: \($0)" }
    lines += ["", "Rules, in the order tried"]
    lines += rules.map { "  \($0.matches ? "+" : "-") \($0.text)" }
    if rules.isEmpty { lines.append("  none was reached") }
    lines.append("")
    if let reply {
      lines.append("\(reply.type) to \(reply.destination)")
      lines += reply.because.map { "  because \($0)" }
      lines += Self.aligned(reply.parts)
    } else {
      lines.append("No DHCP reply")
    }
    if !events.isEmpty { lines += ["", "Events"] + events.map { "  \($0)" } }
    if !answers.isEmpty { lines += ["", "What follows"] }
    for answer in answers {
      lines.append("  \(answer.request): \(answer.answer)")
      guard let text = answer.text else { continue }
      lines += text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "" : "    | \($0)" }.filter { !$0.isEmpty }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func aligned(_ parts: [Part]) -> [String] {
    let width = parts.map(\.name.count).max() ?? 0
    return parts.map { part in
      let name = part.name + String(repeating: " ", count: width - part.name.count)
      let origins = part.origins.joined(separator: "; ")
      return "  \(name)  \(part.value ?? "not sent") \u{2014} \(origins)"
    }
  }
}
