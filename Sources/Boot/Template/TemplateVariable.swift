/// What a tag names, decided when the template is parsed.
package enum TemplateVariable: Hashable, Sendable {
  case name(TemplateName)
  /// `values.NAME` of the machine, its profile or the configuration.
  case value(String)
  /// `secrets.NAME` of the machine or its site.
  case secret(String)
  /// `labels.NAME` of the machine.
  case label(String)

  package var text: String {
    switch self {
    case .name(let name): name.rawValue
    case .value(let name): "values.\(name)"
    case .secret(let name): "secrets.\(name)"
    case .label(let name): "labels.\(name)"
    }
  }

  var isClientText: Bool {
    switch self {
    case .name(let name): name.isClientText
    case .value, .secret, .label: false
    }
  }

  /// A name that a tag may hold: `values.…` of letters, digits, `-` and `_`, `secrets.…` of dots
  /// besides, as names of objects, and `labels.…` of slashes too.
  ///
  /// - Returns: nil when `text` begins with none of these groups; nil within when its name is none.
  static func free(_ text: String) -> TemplateVariable?? {
    guard let dot = text.firstIndex(of: ".") else { return nil }
    let name = String(text[text.index(after: dot)...])
    switch text[..<dot] {
    case "values": return .some(TemplateName.isValueName(name) ? .value(name) : nil)
    case "secrets": return .some(TemplateName.isValueName(name, or: ".") ? .secret(name) : nil)
    case "labels": return .some(TemplateName.isValueName(name, or: "./") ? .label(name) : nil)
    default: return nil
    }
  }

  /// What stands before the point of names that the operator chose.
  static let freeGroups = ["values", "secrets", "labels"]
}

extension TemplateName {
  /// Whether `{{values.NAME}}` can name it.
  ///
  /// - Parameter further: Signs that it may hold beside letters, digits, `-` and `_`.
  package static func isValueName(_ name: some StringProtocol, or further: String = "") -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: further.utf8.contains(byte)
        }
      }
  }
}
