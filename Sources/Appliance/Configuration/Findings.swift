import Boot
import YAML

/// Gathers all that is wrong while one configuration is read. Confined to that reading.
final class Findings {
  private(set) var mistakes: Set<Mistake> = []
  private(set) var warnings: Set<Mistake> = []

  func mistake(_ text: String, at position: Position, in file: String) {
    mistakes.insert(Mistake(file: file, line: position.line, column: position.column, text))
  }

  func warning(_ text: String, at position: Position, in file: String) {
    warnings.insert(Mistake(file: file, line: position.line, column: position.column, text))
  }

  func add(_ mistake: Mistake) { mistakes.insert(mistake) }
}
