/// A use of `values.NAME` that would leave a hole.
package typealias MissingValue = TemplateUse

extension Template {
  /// The `values.*` that this template would render for a machine with `values` and that are not
  /// among them, each name once, in the order of the text.
  ///
  /// What stands in a section on `values.x` or `secrets.x` counts only when that section renders;
  /// sections on other variables are taken to render, since what a machine sends is not known
  /// beforehand.
  package func missingValues(in values: [String: String]) -> [MissingValue] {
    // Most templates name what is there; a section on a secret may hide or show values.
    missing(Given(values: values, secrets: nil)).values
  }

  /// Likewise the `secrets.*` that are not among `secrets`.
  package func missingSecrets(
    in secrets: [String: Secret.Text], values: [String: String]
  ) -> [TemplateUse] {
    guard holdsSecrets else { return [] }
    return missing(Given(values: values, secrets: secrets)).secrets
  }

  private struct Given {
    let values: [String: String]
    /// nil: not known here; sections on them are taken to render.
    let secrets: [String: Secret.Text]?

    /// nil: whether a section on it renders is not known.
    func isTruthy(_ variable: TemplateVariable) -> Bool? {
      switch variable {
      case .value(let name): truth(of: values[name])
      case .secret(let name): secrets.map { truth(of: $0[name]?.revealed) }
      case .name, .label: nil
      }
    }

    private func truth(of text: String?) -> Bool {
      text.map { TemplateValue.text($0).isTruthy } ?? false
    }
  }

  private struct Missing {
    var values: [TemplateUse] = []
    var secrets: [TemplateUse] = []
  }

  private func missing(_ given: Given) -> Missing {
    var missing = Missing()
    Self.collect(from: parts, given, into: &missing)
    return missing
  }

  private static func collect(from parts: [Part], _ given: Given, into missing: inout Missing) {
    for part in parts {
      switch part {
      case .text, .item, .variable(.name, _, _), .variable(.label, _, _): break
      case .variable(.value(let name), _, let place):
        guard given.values[name] == nil, !missing.values.contains(where: { $0.name == name })
        else { continue }
        missing.values.append(TemplateUse(name: name, place: place))
      case .variable(.secret(let name), _, let place):
        guard let secrets = given.secrets, secrets[name] == nil,
          !missing.secrets.contains(where: { $0.name == name })
        else { continue }
        missing.secrets.append(TemplateUse(name: name, place: place))
      case .section(let variable, let inner):
        if given.isTruthy(variable) ?? true { collect(from: inner, given, into: &missing) }
      case .inverted(let variable, let inner):
        if !(given.isTruthy(variable) ?? false) { collect(from: inner, given, into: &missing) }
      }
    }
  }
}
