/// One rendering of a template, within its limits.
struct TemplateRendering {
  let variables: Variables
  let target: Template.Target
  private(set) var output: [UInt8]
  /// False once a limit was passed; nothing more is appended then.
  private(set) var isWhole = true
  private var steps = 0
  private let end: Int

  init(variables: Variables, target: Template.Target, output: [UInt8]) {
    self.variables = variables
    self.target = target
    self.output = output
    end = output.count + Template.outputMax
  }

  mutating func append(_ parts: [Template.Part], item: String) {
    for part in parts {
      steps += 1
      guard isWhole, steps <= Template.stepsMax else {
        isWhole = false
        return
      }
      switch part {
      case .text(let text): append(text)
      case .variable(let variable, let filters, _):
        let text = variables[variable]?.joined ?? ""
        append(quoted(text, filters, isClientText: variable.isClientText).utf8)
      case .item(let variable, let filters):
        append(quoted(item, filters, isClientText: variable.isClientText).utf8)
      case .section(let variable, let inner):
        guard let value = variables[variable], value.isTruthy else { continue }
        switch value {
        case .text(let text): append(inner, item: text)
        case .list(let list): for item in list { append(inner, item: item) }
        }
      case .inverted(let variable, let inner):
        guard !(variables[variable]?.isTruthy ?? false) else { continue }
        append(inner, item: item)
      }
    }
  }

  private mutating func append(_ octets: some Collection<UInt8>) {
    guard output.count + octets.count <= end else {
      isWhole = false
      return
    }
    output += octets
  }

  private func quoted(_ text: String, _ filters: [TemplateFilter], isClientText: Bool) -> String {
    var quoted = filters.reduce(text) { $1.quote($0) }
    if filters.isEmpty, isClientText { quoted = TemplateFilter.plain(text) }
    switch target {
    case .text: return quoted
    case .script: return BootText.line(quoted)
    }
  }
}
