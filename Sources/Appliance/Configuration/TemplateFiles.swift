import Boot
import YAML

/// The templates of one configuration: files, snippets, and texts within the YAML.
struct TemplateFiles {
  let folder: String
  let findings: Findings
  private let texts: TemplateTexts
  private var snippets: [String: Snippet] = [:]
  private var parsed: [Use: Template?] = [:]

  private struct Snippet {
    /// nil: for the texts of all sites.
    let site: String?
    let source: Template.Source
  }

  /// A file may be script and answer at once, and each site has its own snippets.
  private struct Use: Hashable {
    let path: String
    let target: Template.Target
    let site: String?
  }

  /// Every `NAME.mustache` in `folder` is the snippet NAME.
  init(folder: String, findings: Findings, texts: TemplateTexts) {
    self.folder = folder
    self.findings = findings
    self.texts = texts
    for name in texts.names(in: folder) where name.hasSuffix(Self.suffix) {
      // A file that cannot be read is told where it is named.
      guard let text = try? texts.text(of: "\(folder)/\(name)") else { continue }
      snippets[String(name.dropLast(Self.suffix.count))] = Snippet(
        site: nil, source: Template.Source(file: "\(folder)/\(name)", text: text))
    }
  }

  private static let suffix = ".mustache"

  /// A snippet of the section `snippets`.
  mutating func addSnippet(_ entry: NamedEntry, _ fields: Fields, site: String?) {
    guard let source = source(fields, of: "a snippet", entry.name) else { return }
    // The section may name that very file, to give it a site or labels.
    if let other = snippets[entry.name], other.source.file != source.file {
      return findings.mistake(
        "snippet \"\(Value.shown(entry.name))\" is the file \(other.source.file) already",
        at: entry.position, in: fields.value.file.name)
    }
    snippets[entry.name] = Snippet(site: site, source: source)
  }

  private func source(_ fields: Fields, of noun: String, _ name: String) -> Template.Source? {
    if let value = fields["text"] {
      guard let text = value.text("a text") else { return nil }
      let file = applied(fields) ?? "\(value.file.name) (snippet \(name))"
      return Template.Source(file: file, text: text)
    }
    guard let value = fields.required("text", of: noun, or: "file"), let path = path(value) else {
      return nil
    }
    do throws(Mistake) {
      return Template.Source(file: path, text: try texts.text(of: path))
    } catch {
      value.mistake("the snippet \(path) cannot be read: \(error.text)")
      return nil
    }
  }

  /// What an object holds: `text`, or the `file` that it is in.
  mutating func text(
    _ fields: Fields, of noun: String, as target: Template.Target, site: String?
  ) -> Template? {
    guard let value = fields["text"] else {
      return fields.required("text", of: noun, or: "file")
        .flatMap { file($0, as: target, site: site) }
    }
    guard let text = value.text("a text") else { return nil }
    if fields["file"] != nil, !value.file.isApplied {
      fields.mistake("\"file\" has no place beside \"text\"", at: "file")
    }
    return parse(text, at: value, named: applied(fields), as: target, site: site)
  }

  /// The name of the file that an applied text was in where it was applied from.
  private func applied(_ fields: Fields) -> String? {
    fields.value.file.isApplied ? fields["file"]?.node.text : nil
  }

  /// The template in the file that `value` names; its own mistakes are told with its own places.
  ///
  /// - Parameters:
  ///   - kind: Objects that might be meant instead, by their `names`.
  mutating func file(
    _ value: Value, as target: Template.Target, site: String?, or kind: ObjectKind? = nil,
    among names: [String] = []
  ) -> Template? {
    let nearest = value.node.text.map { NearestName.question($0, among: names) } ?? ""
    guard let path = path(value, or: kind, nearest) else { return nil }
    let use = Use(path: path, target: target, site: site)
    if let known = parsed[use] { return known }
    parsed[use] = .some(nil)
    do throws(Mistake) {
      let text = try texts.text(of: path)
      parsed[use] = .some(parse(text, named: path, as: target, site: site))
    } catch {
      value.mistake("the template \(path) cannot be read: \(error.text)\(nearest)")
    }
    return parsed[use] ?? nil
  }

  private func path(_ value: Value, or kind: ObjectKind? = nil, _ nearest: String = "") -> String? {
    guard !value.file.isApplied else {
      let name = Value.shown(value.node.text ?? "")
      value.mistake(
        (kind.map { "no \($0.singular) \"\(name)\", and an" } ?? "an")
          + " applied object reads no file of this box: give its \"text\"\(nearest)")
      return nil
    }
    return value.path(from: folder)
  }

  /// The template that stands in the configuration itself, on one line of a script or menu.
  /// `@architecture@` is the machine's.
  func inline(_ value: Value, _ expected: String, site: String?) -> Template? {
    guard let text = value.text(expected) else { return nil }
    return parse(Self.withArchitecture(text), at: value, named: nil, as: .script, site: site)
  }

  /// - Parameter name: The file that the text was in; nil: it stands in that of `value`.
  private func parse(
    _ text: String, at value: Value, named name: String?, as target: Template.Target, site: String?
  ) -> Template? {
    do throws(Template.Mistakes) {
      return try Template(
        parsing: text, named: name ?? value.file.name, as: target, snippets: sources(for: site))
    } catch {
      for mistake in error.all {
        guard name == nil, mistake.file == value.file.name else {
          findings.add(mistake)
          continue
        }
        let position = Self.place(of: mistake, in: value)
        findings.mistake(mistake.text, at: position, in: value.file.name)
      }
      return nil
    }
  }

  private func parse(
    _ text: String, named path: String, as target: Template.Target, site: String?
  ) -> Template? {
    do throws(Template.Mistakes) {
      return try Template(parsing: text, named: path, as: target, snippets: sources(for: site))
    } catch {
      for mistake in error.all { findings.add(mistake) }
      return nil
    }
  }

  /// What texts of a site may hold, those for all sites (nil) only what is for all.
  private func sources(for site: String?) -> [String: Template.Source] {
    snippets.compactMapValues { $0.site == nil || $0.site == site ? $0.source : nil }
  }

  static func withArchitecture(_ text: String) -> String {
    text.replacing("@architecture@", with: "{{machine.architecture}}")
  }

  /// The place of a mistake in the file, where the scalar stands there as it reads, on one line or
  /// as a block; the scalar's own place for one that YAML folded or unescaped.
  private static func place(of mistake: Mistake, in value: Value) -> Position {
    let start = value.node.position
    guard case .scalar(let text, let isPlain) = value.node.content else { return start }
    if mistake.line == 1, let line = value.file.line(start.line) {
      let offset = start.column - 1 + (isPlain ? 0 : 1)
      let before = text.unicodeScalars.prefix(mistake.column - 1)
      if line.unicodeScalars.dropFirst(offset).starts(with: before) {
        return Position(line: start.line, column: offset + mistake.column)
      }
    }
    // The first line of a block stands below its sign, and all are indented alike.
    let lines = text.split(
      separator: "\n", maxSplits: mistake.line, omittingEmptySubsequences: false)
    guard lines.indices.contains(mistake.line - 1),
      let line = value.file.line(start.line + mistake.line)
    else { return start }
    let own = lines[mistake.line - 1]
    guard line.hasSuffix(own) else { return start }
    let indentation = line.unicodeScalars.count - own.unicodeScalars.count
    return Position(line: start.line + mistake.line, column: indentation + mistake.column)
  }
}
