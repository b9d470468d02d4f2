extension Node {
  /// How ``json(_:)`` sets a text.
  package enum Layout: Sendable {
    /// One line without spaces.
    case compact
    /// A line for each value, indented by two.
    case pretty
  }

  /// The tree as JSON, keys in their order.
  ///
  /// A plain scalar that JSON knows as number, `true` or `false` stays that, YAML's null becomes
  /// `null`, and every other scalar a string.
  package func json(_ layout: Layout = .compact) -> String {
    var writer = JSONWriter(layout)
    writer.write(self)
    return writer.text
  }
}

private struct JSONWriter {
  private(set) var text = ""
  private let isPretty: Bool
  private var depth = 0

  init(_ layout: Node.Layout) { isPretty = layout == .pretty }

  mutating func write(_ node: Node) {
    switch node.content {
    case .scalar(let scalar, let isPlain): write(scalar, isPlain: isPlain)
    case .sequence(let nodes):
      brackets("[", "]", nodes) { writer, node in writer.write(node) }
    case .mapping(let entries):
      brackets("{", "}", entries) { writer, entry in
        writer.quote(entry.key)
        writer.text += writer.isPretty ? ": " : ":"
        writer.write(entry.value)
      }
    case .broken: text += "null"
    }
  }

  private mutating func write(_ scalar: String, isPlain: Bool) {
    guard isPlain else { return quote(scalar) }
    switch scalar {
    case "true", "false": text += scalar
    case "", "~", "null": text += "null"
    case _: if JSONNumber.isNumber(scalar) { text += scalar } else { quote(scalar) }
    }
  }

  private mutating func brackets<Element>(
    _ start: String, _ end: String, _ elements: [Element],
    _ body: (inout JSONWriter, Element) -> Void
  ) {
    text += start
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      breakLine()
      body(&self, element)
    }
    depth -= 1
    if !elements.isEmpty { breakLine() }
    text += end
  }

  private mutating func breakLine() {
    guard isPretty else { return }
    text += "\n" + String(repeating: "  ", count: depth)
  }

  private mutating func quote(_ string: String) { text += QuotedText.quoted(string) }
}
