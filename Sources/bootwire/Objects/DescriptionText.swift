/// Names and values under a heading, for people.
struct DescriptionText {
  private var lines: [String]

  init(_ heading: String) { lines = [heading] }

  mutating func add(_ name: String, _ value: String) {
    lines.append("  " + Self.padded(name + ":") + value)
  }

  /// One a line, or `-` for none.
  mutating func add(_ name: String, _ values: [String]) {
    add(name, values.first ?? "-")
    for value in values.dropFirst() { lines.append("  " + Self.padded("") + value) }
  }

  mutating func add(yaml text: String, under name: String) {
    lines.append("  \(name):")
    for line in text.split(separator: "\n") { lines.append("    " + Printable(String(line)).text) }
  }

  mutating func add(heading: String) { lines.append(heading) }

  var text: String { lines.joined(separator: "\n") }

  private static let width = 15

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(1, width - name.count))
  }
}
