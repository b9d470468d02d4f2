/// A text with variables in strict mustache syntax, rendered as plain text.
///
/// All names, filters and snippets were found when it was parsed, so that rendering cannot fail.
/// Set-delimiter tags are refused; there is no HTML escaping, so `{{x}}`, `{{{x}}}` and `{{&x}}`
/// are one.
package struct Template: Sendable {
  /// The file that it came from, as the operator named it.
  package let file: String
  let parts: [Part]

  indirect enum Part: Hashable, Sendable {
    case text([UInt8])
    case variable(TemplateVariable, filters: [TemplateFilter], TemplatePlace)
    /// `{{.}}`: the item of the innermost section, which is one of `of`.
    case item(of: TemplateVariable, filters: [TemplateFilter])
    case section(TemplateVariable, [Part])
    case inverted(TemplateVariable, [Part])
  }

  init(file: String, parts: [Part]) {
    self.file = file
    self.parts = parts
  }

  /// A text without variables.
  package init(verbatim text: String) {
    self.init(file: "", parts: text.isEmpty ? [] : [.text(Array(text.utf8))])
  }

  /// Appends the text with `variables` in place.
  package func render(_ variables: Variables, into output: inout [UInt8]) {
    Self.render(parts, variables, item: "", into: &output)
  }

  package func rendered(_ variables: Variables) -> String {
    var output: [UInt8] = []
    render(variables, into: &output)
    return String(decoding: output, as: UTF8.self)
  }

  private static func render(
    _ parts: [Part], _ variables: Variables, item: String, into output: inout [UInt8]
  ) {
    for part in parts {
      switch part {
      case .text(let text): output += text
      case .variable(let variable, let filters, _):
        let text = variables[variable]?.joined ?? ""
        output += quote(text, filters, isClientText: variable.isClientText).utf8
      case .item(let variable, let filters):
        output += quote(item, filters, isClientText: variable.isClientText).utf8
      case .section(let variable, let inner):
        guard let value = variables[variable], value.isTruthy else { continue }
        switch value {
        case .text(let text): render(inner, variables, item: text, into: &output)
        case .list(let list):
          for item in list { render(inner, variables, item: item, into: &output) }
        }
      case .inverted(let variable, let inner):
        guard !(variables[variable]?.isTruthy ?? false) else { continue }
        render(inner, variables, item: item, into: &output)
      }
    }
  }

  private static func quote(
    _ text: String, _ filters: [TemplateFilter], isClientText: Bool
  ) -> String {
    if filters.isEmpty { return isClientText ? TemplateFilter.plain(text) : text }
    return filters.reduce(text) { $1.quote($0) }
  }
}

/// Where a template names something.
package struct TemplatePlace: Hashable, Sendable {
  package var file: String
  package var line: Int
  package var column: Int
}

/// A use of `values.NAME` that would leave a hole.
package struct MissingValue: Hashable, Sendable {
  package var name: String
  package var place: TemplatePlace
}

extension Template {
  /// The `values.*` that this template would render for a machine with `values` and that are not
  /// among them, each name once, in the order of the text.
  ///
  /// What stands in a section on `values.x` counts only when that section renders; sections on
  /// other variables are taken to render, since what a machine sends is not known beforehand.
  package func missingValues(in values: [String: String]) -> [MissingValue] {
    var missing: [MissingValue] = []
    Self.collect(from: parts, values, into: &missing)
    return missing
  }

  private static func collect(
    from parts: [Part], _ values: [String: String], into missing: inout [MissingValue]
  ) {
    for part in parts {
      switch part {
      case .text, .item, .variable(.name, _, _): break
      case .variable(.value(let name), _, let place):
        guard values[name] == nil, !missing.contains(where: { $0.name == name }) else { continue }
        missing.append(MissingValue(name: name, place: place))
      case .section(.value(let name), let inner):
        if isTruthy(values[name]) { collect(from: inner, values, into: &missing) }
      case .inverted(.value(let name), let inner):
        if !isTruthy(values[name]) { collect(from: inner, values, into: &missing) }
      case .section(.name, let inner), .inverted(.name, let inner):
        collect(from: inner, values, into: &missing)
      }
    }
  }

  private static func isTruthy(_ text: String?) -> Bool {
    text.map { TemplateValue.text($0).isTruthy } ?? false
  }
}
