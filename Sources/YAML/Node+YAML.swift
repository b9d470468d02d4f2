extension Node {
  /// The tree as YAML in block style, which ``Document`` reads back to the same tree.
  ///
  /// Texts of several lines stand as literal blocks. What another reader might take for a number,
  /// a truth or a date stands in quotes, unless it stood plain.
  package func yaml() -> String {
    var writer = YAMLWriter()
    writer.write(self)
    return writer.text
  }
}

private struct YAMLWriter {
  private(set) var text = ""
  private var depth = 0

  /// The whole document.
  mutating func write(_ node: Node) {
    switch node.content {
    case .mapping(let entries) where !entries.isEmpty: lines(of: entries)
    case .sequence(let nodes) where !nodes.isEmpty: lines(of: nodes)
    case .scalar(let scalar, let isPlain): text += ScalarText.line(scalar, isPlain: isPlain) + "\n"
    case .mapping: text += "{}\n"
    case .sequence: text += "[]\n"
    case .broken: text += "null\n"
    }
  }

  private var indentation: String { String(repeating: "  ", count: depth) }

  private mutating func lines(of entries: [Node.Entry]) {
    for (index, entry) in entries.enumerated() {
      // A list's first key stands behind its dash.
      if index > 0 || !text.hasSuffix("- ") { text += indentation }
      let key = ScalarText.line(entry.key, isPlain: false)
      // libyaml finds the colon of a key within 1,024 characters only.
      if key.utf8.count > 1000 {
        text += "? \(key)\n\(indentation):"
      } else {
        text += "\(key):"
      }
      value(entry.value, in: false)
    }
  }

  private mutating func lines(of nodes: [Node]) {
    for (index, node) in nodes.enumerated() {
      if index > 0 || !text.hasSuffix("- ") { text += indentation }
      text += "-"
      value(node, in: true)
    }
  }

  /// What stands behind a colon or a dash, to the end of its last line.
  private mutating func value(_ node: Node, in list: Bool) {
    depth += 1
    defer { depth -= 1 }
    switch node.content {
    case .mapping(let entries) where !entries.isEmpty:
      text += list ? " " : "\n"
      lines(of: entries)
    case .sequence(let nodes) where !nodes.isEmpty:
      text += list ? " " : "\n"
      lines(of: nodes)
    case .scalar(let scalar, let isPlain):
      if let block = ScalarText.block(scalar, indentation) {
        text += " " + block
      } else {
        text += " \(ScalarText.line(scalar, isPlain: isPlain))\n"
      }
    case .mapping: text += " {}\n"
    case .sequence: text += " []\n"
    case .broken: text += " null\n"
    }
  }
}
