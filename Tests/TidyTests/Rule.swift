import Testing

/// Something that holds for every source file, with examples that break it and that do not.
struct Rule: CustomTestStringConvertible, Sendable {
  let name: String
  /// Files that break it, as path and text: the test of the test.
  let broken: [(path: String, text: String)]
  /// Files that look alike and do not break it.
  let kept: [(path: String, text: String)]
  /// What is wrong with a file; empty when nothing is.
  let complaints: @Sendable (SourceFile) -> [String]

  var testDescription: String { name }

  static let all: [Rule] = [
    imports, knownModule, purity, length, functionLength, fileName, force, variables, unsafety,
    firstLine, promises, defaults,
  ]

  /// A rule that no code line may match `pattern`, in the files for which `applies` holds.
  static func banning(
    _ name: String, broken: [(path: String, text: String)], kept: [(path: String, text: String)],
    where applies: @escaping @Sendable (SourceFile) -> Bool = { _ in true },
    _ pattern: @escaping @Sendable () -> Regex<Substring>
  ) -> Rule {
    Rule(name: name, broken: broken, kept: kept) { file in
      guard applies(file) else { return [] }
      return file.lines(matching: pattern()).map { "line \($0): \(file.lines[$0 - 1])" }
    }
  }
}
