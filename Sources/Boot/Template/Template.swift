/// A text with variables in strict mustache syntax, rendered as plain text.
///
/// All names, filters and snippets were found when it was parsed, so that rendering cannot fail but
/// by its limits. Set-delimiter tags are refused; there is no HTML escaping, so `{{x}}`, `{{{x}}}`
/// and `{{&x}}` are one. It reads no file and starts no program.
package struct Template: Sendable {
  /// The file that it came from, as the operator named it.
  package let file: String
  package let target: Target
  /// Where it names `{{secrets.…}}`, also for a section, in the order of the text.
  package let secretUses: [TemplateUse]
  let parts: [Part]

  /// What the text is for.
  package enum Target: Hashable, Sendable {
    /// An answer, a hook, any text: values stand in it as they are, line ends too.
    case text
    /// iPXE's language, where a line is a command and nothing can be quoted: line ends and other
    /// control characters in what a variable stands for become blanks, the operator's own too, so
    /// that no value starts a command. YAML's block texts end with a line end that nobody sees.
    case script
  }

  indirect enum Part: Hashable, Sendable {
    case text([UInt8])
    case variable(TemplateVariable, filters: [TemplateFilter], TemplatePlace)
    /// `{{.}}`: the item of the innermost section, which is one of `of`.
    case item(of: TemplateVariable, filters: [TemplateFilter])
    case section(TemplateVariable, [Part])
    case inverted(TemplateVariable, [Part])
  }

  init(file: String, target: Target, secretUses: [TemplateUse] = [], parts: [Part]) {
    self.file = file
    self.target = target
    self.secretUses = secretUses
    self.parts = parts
  }

  /// A text without variables.
  package init(verbatim text: String) {
    self.init(file: "", target: .text, parts: text.isEmpty ? [] : [.text(Array(text.utf8))])
  }

  /// Whether it may only go to a machine that is armed, and once.
  package var holdsSecrets: Bool { !secretUses.isEmpty }

  /// Longest text that rendering makes, in bytes.
  package static let outputMax = 1 << 20
  /// Parts rendered, each as often as its sections repeat it.
  package static let stepsMax = 1 << 20

  /// Whether it begins as a URL does: of a kernel or initial RAM disk, that it is another server's.
  package var isElsewhere: Bool {
    guard case .text(let text) = parts.first else { return false }
    return text.firstRange(of: Array("://".utf8)) != nil
  }

  /// Appends the text with `variables` in place.
  ///
  /// - Returns: false when the text would pass ``outputMax`` or ``stepsMax``, as sections over
  ///   lists within one another can; nothing is appended then, and the caller serves nothing.
  @discardableResult
  package func render(_ variables: Variables, into output: inout [UInt8]) -> Bool {
    let start = output.count
    var rendering = TemplateRendering(variables: variables, target: target, output: output)
    output = []
    rendering.append(parts, item: "")
    output = rendering.output
    guard rendering.isWhole else {
      output.removeSubrange(start...)
      return false
    }
    return true
  }

  package func rendered(_ variables: Variables) -> String {
    var output: [UInt8] = []
    render(variables, into: &output)
    return String(decoding: output, as: UTF8.self)
  }
}

/// Where a template names something.
package struct TemplatePlace: Hashable, Sendable {
  package var file: String
  package var line: Int
  package var column: Int
}

/// A name that a template uses, and where.
package struct TemplateUse: Hashable, Sendable {
  package var name: String
  package var place: TemplatePlace
}
