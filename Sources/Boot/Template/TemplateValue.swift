/// What a variable stands for: one text, or several in order.
enum TemplateValue: Hashable, Sendable {
  case text(String)
  case list([String])

  /// Whether `{{#x}}` renders: neither empty nor the word `false`.
  var isTruthy: Bool {
    switch self {
    case .text(let text): !text.isEmpty && text != "false"
    case .list(let list): !list.isEmpty
    }
  }

  /// As `{{x}}` renders it: a list with commas.
  var joined: String {
    switch self {
    case .text(let text): text
    case .list(let list): list.joined(separator: ",")
    }
  }
}
