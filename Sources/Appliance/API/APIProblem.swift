/// Why the API refused a request, as its body tells (RFC 9457).
package struct APIProblem: Codable, Hashable, Sendable {
  /// `about:blank`: the status says which kind it is.
  package var type = "about:blank"
  package var title: String
  package var status: Int
  /// What is wrong with this very request, in one sentence.
  package var detail: String?
  /// Mistakes in what was sent, each with its place.
  package var errors: [Place]?

  package struct Place: Codable, Hashable, Sendable {
    package var file: String
    /// Counted from 1; 0 when the whole file is meant.
    package var line: Int
    package var column: Int
    package var text: String
  }

  package init(status: Int, title: String, detail: String? = nil, errors: [Place]? = nil) {
    self.status = status
    self.title = title
    self.detail = detail
    self.errors = errors
  }

  /// All of it for a person, a line for each mistake.
  package var text: String {
    ([detail ?? title]
      + (errors ?? []).map { error in
        error.line == 0
          ? "\(error.file): \(error.text)"
          : "\(error.file):\(error.line):\(error.column): \(error.text)"
      }).joined(separator: "\n")
  }
}
