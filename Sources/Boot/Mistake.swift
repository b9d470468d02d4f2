/// A mistake in a file that an operator wrote, and where it is.
///
/// Loading goes on after one, so that all mistakes of a file are told at once.
package struct Mistake: Error, Hashable, Sendable {
  /// The file as the operator named it.
  package var file: String
  /// Counted from 1; 0 when the whole file is meant.
  package var line: Int
  /// Counted from 1, in Unicode scalars; 0 when the whole file is meant.
  package var column: Int
  /// What is wrong, what was expected and the nearest valid name, in one sentence.
  package var text: String

  package init(file: String, line: Int = 0, column: Int = 0, _ text: String) {
    self.file = file
    self.line = line
    self.column = column
    self.text = text
  }
}

extension Mistake: Comparable {
  /// By file, then by position, so that a report reads like the file.
  package static func < (left: Self, right: Self) -> Bool {
    if left.file != right.file { return left.file < right.file }
    if left.line != right.line { return left.line < right.line }
    if left.column != right.column { return left.column < right.column }
    return left.text < right.text
  }
}

extension Mistake: CustomStringConvertible {
  /// `file:line:column`, as compilers print it, so that editors can jump there.
  package var place: String { line == 0 ? file : "\(file):\(line):\(column)" }
  package var description: String { "\(place): error: \(text)" }
}
