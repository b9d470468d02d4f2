import Foundation
import Testing

/// One Swift file of the package, with and without its comments and texts.
struct SourceFile: CustomTestStringConvertible, Sendable {
  /// From the package's folder, as `Sources/Wire/DHCP/DHCPHeader.swift`.
  let path: String
  let lines: [String]
  /// The same lines with comments and the contents of string literals left out.
  let code: [String]

  var testDescription: String { path }

  init(_ path: String, _ text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var isInText = false
    code = lines.map { Self.code(of: $0, isInText: &isInText) }
  }

  /// The module that it belongs to: the first folder below Sources.
  var module: String {
    let parts = path.split(separator: "/")
    return parts.count > 1 ? String(parts[1]) : ""
  }

  /// Without folder and ending.
  var name: String {
    String(path.split(separator: "/").last?.split(separator: ".").first ?? "")
  }

  /// Numbers, from 1, of the code lines in which `pattern` is found.
  func lines(matching pattern: some RegexComponent) -> [Int] {
    code.indices.filter { code[$0].contains(pattern) }.map { $0 + 1 }
  }

  /// All Swift files below Sources, by path.
  static let sources: [SourceFile] = {
    let folder = package.appendingPathComponent("Sources")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (paths ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
      guard
        let text = try? String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      else { return nil }
      return SourceFile("Sources/" + path, text)
    }
  }()

  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Strings of several lines carry `isInText` from line to line. What an interpolation holds is
  /// left out too.
  private static func code(of line: String, isInText: inout Bool) -> String {
    var code = ""
    var isInString = false
    var rest = line[...]
    while let character = rest.first {
      if rest.hasPrefix("\"\"\""), !isInString {
        isInText.toggle()
        rest = rest.dropFirst(3)
      } else if isInText {
        rest = rest.dropFirst()
      } else if character == "\\", isInString {
        rest = rest.dropFirst(2)
      } else if character == "\"" {
        isInString.toggle()
        code.append(character)
        rest = rest.dropFirst()
      } else if rest.hasPrefix("//"), !isInString {
        break
      } else {
        if !isInString { code.append(character) }
        rest = rest.dropFirst()
      }
    }
    return code
  }
}
