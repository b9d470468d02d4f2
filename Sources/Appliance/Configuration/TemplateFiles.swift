import Boot
import EventLoop
import YAML

/// The templates of one configuration: files, snippets, and texts within the YAML.
struct TemplateFiles {
  let folder: String
  let findings: Findings
  private let snippets: [String: Template.Source]
  private var parsed: [String: Template?] = [:]

  /// Every `NAME.mustache` in `folder` is the snippet NAME.
  init(folder: String, findings: Findings) {
    self.folder = folder
    self.findings = findings
    var snippets: [String: Template.Source] = [:]
    for name in (try? Folder.names(folder)) ?? [] where name.hasSuffix(Self.suffix) {
      // A file that cannot be read is told where it is named.
      guard let text = try? Self.text(of: "\(folder)/\(name)") else { continue }
      snippets[String(name.dropLast(Self.suffix.count))] = Template.Source(
        file: "\(folder)/\(name)", text: text)
    }
    self.snippets = snippets
  }

  private static let suffix = ".mustache"

  /// The template in the file that `value` names; its own mistakes are told with its own places.
  mutating func file(_ value: Value) -> Template? {
    guard let path = value.path(from: folder) else { return nil }
    if let known = parsed[path] { return known }
    parsed[path] = .some(nil)
    do throws(Mistake) {
      let text = try Self.text(of: path)
      parsed[path] = .some(parse(text, named: path))
    } catch {
      value.mistake("the template \(path) cannot be read: \(error.text)")
    }
    return parsed[path] ?? nil
  }

  /// The template that stands in the configuration itself. `@architecture@` is the machine's.
  func inline(_ value: Value, _ expected: String) -> Template? {
    guard let text = value.text(expected) else { return nil }
    do throws(Template.Mistakes) {
      return try Template(
        parsing: Self.withArchitecture(text), named: value.file.name, snippets: snippets)
    } catch {
      for mistake in error.all {
        guard mistake.file == value.file.name else {
          findings.add(mistake)
          continue
        }
        let position = Self.place(of: mistake, in: text, value)
        findings.mistake(mistake.text, at: position, in: value.file.name)
      }
      return nil
    }
  }

  private func parse(_ text: String, named path: String) -> Template? {
    do throws(Template.Mistakes) {
      return try Template(parsing: text, named: path, snippets: snippets)
    } catch {
      for mistake in error.all { findings.add(mistake) }
      return nil
    }
  }

  private static func text(of path: String) throws(Mistake) -> String {
    let file = try SourceFile(reading: path, limit: Template.sizeMax)
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw Mistake(file: path, "this is no UTF-8 text")
    }
    return text
  }

  static func withArchitecture(_ text: String) -> String {
    text.replacing("@architecture@", with: "{{machine.architecture}}")
  }

  /// The place of a mistake in the file, where the scalar stands there as it reads; the scalar's
  /// own place for one that YAML folded or unescaped.
  private static func place(of mistake: Mistake, in text: String, _ value: Value) -> Position {
    let start = value.node.position
    guard case .scalar(_, let isPlain) = value.node.content, mistake.line == 1,
      let line = value.file.line(start.line)
    else { return start }
    let offset = start.column - 1 + (isPlain ? 0 : 1)
    let before = text.unicodeScalars.prefix(mistake.column - 1)
    guard line.unicodeScalars.dropFirst(offset).starts(with: before) else { return start }
    return Position(line: start.line, column: offset + mistake.column)
  }
}
