/// A text with variables, parsed when the configuration is loaded, so that rendering cannot fail.
package struct Template: Sendable {
  /// Names of the `values.*` that it uses outside a section that guards them, sorted.
  package let requiredValues: [String]
  private let text: String

  /// A text without variables.
  package init(verbatim text: String) {
    self.text = text
    requiredValues = []
  }

  /// Appends the rendered text as UTF-8.
  package func render(_ variables: Variables, into output: inout [UInt8]) {
    output.append(contentsOf: text.utf8)
  }
}
