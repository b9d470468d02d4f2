extension Template {
  /// A snippet or template before it is parsed.
  package struct Source: Hashable, Sendable {
    /// The file as the operator named it, for mistakes.
    package var file: String
    package var text: String

    package init(file: String, text: String) {
      self.file = file
      self.text = text
    }
  }

  /// All that is wrong with a template and its snippets, sorted; at least one.
  package struct Mistakes: Error, Hashable, Sendable {
    package var all: [Mistake]
  }

  /// Longest text of a template or snippet, in bytes.
  package static let sizeMax = 1 << 20
  /// Sections and snippets within one another.
  package static let depthMax = 16
  /// Texts and tags, snippets counted where they are used, so that they cannot multiply.
  package static let partCountMax = 1 << 16
  /// Mistakes told at once.
  package static let mistakeCountMax = 100

  /// Parses `text`; `{{> name}}` takes the snippet of that name.
  ///
  /// - Throws: every mistake with its position; the caller shows them all and keeps what it has.
  package init(
    parsing text: String, named file: String, as target: Target = .text,
    snippets: [String: Source] = [:]
  ) throws(Mistakes) {
    var parser = TemplateParser(snippets: snippets)
    let parts = parser.parse(Source(file: file, text: text))
    guard parser.mistakes.isEmpty else { throw Mistakes(all: parser.mistakes.sorted()) }
    self.init(file: file, target: target, secretUses: parser.secretUses, parts: parts)
  }
}

/// Turns one template, and the snippets that it names, into parts.
struct TemplateParser {
  private(set) var mistakes: Set<Mistake> = []
  private(set) var secretUses: [TemplateUse] = []

  private let snippets: [String: Template.Source]
  private var source = Template.Source(file: "", text: "")
  private var scanner = TemplateScanner("")
  /// Before every line of a snippet whose tag stood indented and alone.
  private var indentation: [UInt8] = []
  /// Sections that are open in this file, the innermost last.
  private var open: [Section] = []
  /// Snippets that are being parsed, so that none holds itself.
  private var includes: [String] = []
  /// Items that `{{.}}` may name, from sections around this file's own.
  private var surrounding: [TemplateVariable?] = []
  private var partCount = 0
  /// A limit was passed: nothing more is read.
  private var isOver = false

  private struct Section {
    var name: String
    /// Nil after a mistake in its name.
    var variable: TemplateVariable?
    var isInverted: Bool
    var start: Int
    var parts: [Template.Part]
  }

  init(snippets: [String: Template.Source]) { self.snippets = snippets }

  mutating func parse(_ source: Template.Source) -> [Template.Part] {
    self.source = source
    guard source.text.utf8.count <= Template.sizeMax else {
      mistakes.insert(
        Mistake(file: source.file, "longer than \(Template.sizeMax) bytes, the most we take"))
      return []
    }
    scanner = TemplateScanner(source.text)
    open = [Section(name: "", isInverted: false, start: 0, parts: [])]
    for piece in scanner.pieces() {
      guard !isOver, mistakes.count < Template.mistakeCountMax else { break }
      guard partCount < Template.partCountMax else {
        isOver = true
        report("more than \(Template.partCountMax) texts and tags, snippets included", at: 0)
        break
      }
      switch piece {
      case .text(let range): append(literal: range)
      case .unclosed(let offset): report("this {{ has no }}", at: offset)
      case .tag(let tag): take(tag)
      }
    }
    while !isOver, open.count > 1 { leaveUnclosed() }
    return open[0].parts
  }

  private mutating func take(_ tag: TemplateScanner.Tag) {
    switch tag.sigil {
    case nil:
      indent(before: tag)
      if let part = variable(tag) { append(part) }
    case UInt8(ascii: "#"):
      indent(before: tag)
      enter(tag, isInverted: false)
    case UInt8(ascii: "^"):
      indent(before: tag)
      enter(tag, isInverted: true)
    case UInt8(ascii: "/"): leave(tag)
    case UInt8(ascii: ">"):
      if tag.indentation == nil { indent(before: tag) }
      include(tag)
    case UInt8(ascii: "="):
      report(
        "set-delimiter tags are not supported; the delimiters are always {{ and }}",
        at: tag.range.lowerBound)
    default: indent(before: tag)  // a comment
    }
  }

  // MARK: Variables

  private mutating func variable(_ tag: TemplateScanner.Tag) -> Template.Part? {
    let words = split(tag.content)
    let filters = words.dropFirst().map { filter($0) }
    guard let name = words.first else { return nil }
    let found = filters.compactMap(\.self)
    let text = scanner.text(name)
    if text == "." {
      guard let item = innermostItem() else {
        report("{{.}} stands for the item of a section, and no section is open here", at: name)
        return nil
      }
      guard let item else { return nil }
      return .item(of: item, filters: found)
    }
    guard let variable = resolve(name) else { return nil }
    return .variable(variable, filters: found, place(of: name))
  }

  private mutating func place(of range: Range<Int>) -> TemplatePlace {
    let position = scanner.position(of: range.lowerBound)
    return TemplatePlace(file: source.file, line: position.line, column: position.column)
  }

  /// What stands between the bars of a tag, without blanks around it; empty ranges too.
  private func split(_ content: Range<Int>) -> [Range<Int>] {
    let bytes = scanner.bytes
    func isBlank(_ index: Int) -> Bool { bytes[index] <= UInt8(ascii: " ") }
    return bytes[content].split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
      .map { slice in
        var (start, end) = (slice.startIndex, slice.endIndex)
        while start < end, isBlank(start) { start += 1 }
        while end > start, isBlank(end - 1) { end -= 1 }
        return start..<end
      }
  }

  private mutating func filter(_ range: Range<Int>) -> TemplateFilter? {
    let name = scanner.text(range)
    if let filter = TemplateFilter(rawValue: name) { return filter }
    let names = TemplateFilter.allCases.map(\.rawValue)
    report(
      "unknown filter \"\(name)\", expected \(Self.alternatives(names))"
        + NearestName.question(name, among: names), at: range)
    return nil
  }

  private mutating func resolve(_ range: Range<Int>) -> TemplateVariable? {
    let text = scanner.text(range)
    if let name = TemplateName(rawValue: text) { return .name(name) }
    switch TemplateVariable.free(text) {
    case .some(.some(let variable)):
      if case .secret(let name) = variable {
        secretUses.append(TemplateUse(name: name, place: place(of: range)))
      }
      return variable
    case .some(.none):
      let group = text.prefix { $0 != "." }
      report(
        "\"\(text)\" is no name of a \(group.dropLast()), expected letters, digits, - and _ after"
          + " \"\(group).\"", at: range)
    case .none: report(Self.unknown(text), at: range)
    }
    return nil
  }

  private static func unknown(_ text: String) -> String {
    if text.isEmpty { return "this tag names no variable" }
    let names = TemplateName.allCases.map(\.rawValue)
    let group = text.prefix { $0 != "." }
    let members = names.filter { $0.hasPrefix("\(group).") }
    if members.isEmpty {
      let groups = TemplateName.groups + TemplateVariable.freeGroups
      return "unknown variable \"\(text)\", expected one of "
        + groups.map { "\($0).*" }.joined(separator: ", ")
        + NearestName.question(text, among: names)
    }
    return "unknown variable \"\(text)\", expected \(alternatives(members))"
      + NearestName.question(text, among: names)
  }

  private static func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  // MARK: Sections

  private mutating func enter(_ tag: TemplateScanner.Tag, isInverted: Bool) {
    let name = scanner.text(tag.content)
    var variable: TemplateVariable?
    if name == "." {
      report("a section on {{.}} is not supported; name a variable", at: tag.content)
    } else if name.contains("|") {
      report("a section takes no filter; filter the variables within it", at: tag.content)
    } else {
      variable = resolve(tag.content)
    }
    guard depth < Template.depthMax else { return tooDeep(at: tag) }
    open.append(
      Section(
        name: name, variable: variable, isInverted: isInverted, start: tag.range.lowerBound,
        parts: []))
  }

  private mutating func leave(_ tag: TemplateScanner.Tag) {
    let name = scanner.text(tag.content)
    guard open.dropFirst().contains(where: { $0.name == name }) else {
      if let innermost = open.last, open.count > 1 {
        let line = scanner.position(of: innermost.start).line
        report(
          "{{/\(name)}} closes no section, expected {{/\(innermost.name)}} for line \(line)",
          at: tag)
      } else {
        report("{{/\(name)}} closes no section, and none is open here", at: tag)
      }
      return
    }
    while let innermost = open.last, innermost.name != name { leaveUnclosed() }
    closeInnermost()
  }

  private mutating func leaveUnclosed() {
    guard let section = open.last else { return }
    let sigil = section.isInverted ? "^" : "#"
    report(
      "{{\(sigil)\(section.name)}} is never closed, expected {{/\(section.name)}}",
      at: section.start)
    closeInnermost()
  }

  private mutating func closeInnermost() {
    guard let section = open.popLast(), let variable = section.variable else { return }
    append(
      section.isInverted
        ? .inverted(variable, section.parts) : .section(variable, section.parts))
  }

  /// The variable of the innermost section that has items: nil without one, and a nil within
  /// when its name was a mistake.
  private func innermostItem() -> TemplateVariable?? {
    if let section = open.dropFirst().last(where: { !$0.isInverted }) {
      return .some(section.variable)
    }
    return surrounding.last
  }

  private var depth: Int { open.count - 1 + surrounding.count + includes.count }

  // MARK: Snippets

  private mutating func include(_ tag: TemplateScanner.Tag) {
    let name = scanner.text(tag.content)
    guard let snippet = snippets[name] else {
      let names = snippets.keys.sorted()
      report(
        "unknown snippet \"\(name)\"" + NearestName.question(name, among: names), at: tag.content)
      return
    }
    guard !includes.contains(name), snippet.file != source.file else {
      report("snippet \"\(name)\" holds itself", at: tag.content)
      return
    }
    guard depth < Template.depthMax else { return tooDeep(at: tag) }
    var inner = self
    inner.includes.append(name)
    inner.surrounding += open.dropFirst().filter { !$0.isInverted }.map(\.variable)
    if let indentation = tag.indentation { inner.indentation += scanner.bytes[indentation] }
    let parts = inner.parse(snippet)
    mistakes = inner.mistakes
    secretUses = inner.secretUses
    partCount = inner.partCount
    isOver = inner.isOver
    open[open.count - 1].parts += parts
  }

  // MARK: Text

  private mutating func append(_ part: Template.Part) {
    partCount += 1
    open[open.count - 1].parts.append(part)
  }

  private mutating func append(literal range: Range<Int>) {
    guard !indentation.isEmpty else { return append(.text(Array(scanner.bytes[range]))) }
    var text: [UInt8] = []
    for index in range {
      let byte = scanner.bytes[index]
      if startsLine(index), byte != UInt8(ascii: "\n") { text += indentation }
      text.append(byte)
    }
    append(.text(text))
  }

  /// Indents a tag that begins a line of an indented snippet and shares the line.
  private mutating func indent(before tag: TemplateScanner.Tag) {
    guard !indentation.isEmpty, tag.indentation == nil, startsLine(tag.range.lowerBound) else {
      return
    }
    append(.text(indentation))
  }

  private func startsLine(_ index: Int) -> Bool {
    index == 0 || scanner.bytes[index - 1] == UInt8(ascii: "\n")
  }

  // MARK: Mistakes

  private mutating func tooDeep(at tag: TemplateScanner.Tag) {
    report("more than \(Template.depthMax) sections and snippets within one another", at: tag)
    isOver = true
  }

  private mutating func report(_ text: String, at tag: TemplateScanner.Tag) {
    report(text, at: tag.range.lowerBound)
  }

  private mutating func report(_ text: String, at range: Range<Int>) {
    report(text, at: range.lowerBound)
  }

  private mutating func report(_ text: String, at offset: Int) {
    let position = scanner.position(of: offset)
    mistakes.insert(
      Mistake(file: source.file, line: position.line, column: position.column, text))
  }
}
