import Boot
import YAML

/// What `apply` sends: YAML files and the texts that they refer to.
struct ApplyBundle {
  struct File: Equatable {
    /// As the YAML names it: within the folder, or absolute.
    var name: String
    var text: String
  }

  var files: [File] = []
  /// Where the files lie, for messages; empty for the current folder.
  var folder = ""

  /// The most that is sent, in bytes.
  static let sizeMax = 8 << 20
  /// The most files.
  static let fileCountMax = 1024

  var size: Int { files.reduce(0) { $0 + $1.text.utf8.count } }

  var body: Node {
    JSONBody.object([
      (
        "files",
        JSONBody.list(
          files.map {
            JSONBody.object([("name", JSONBody.text($0.name)), ("text", JSONBody.text($0.text))])
          })
      )
    ])
  }

  /// A file's path as the operator would type it, so that an editor can jump there.
  func path(of name: String) -> String {
    name.isEmpty || name.hasPrefix("/") || folder.isEmpty || name == Self.standardInput
      ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The name of what came by `-`.
  static let standardInput = "stdin.yaml"

  /// The appliance's mistakes with the operator's own paths; what is no file of ours is named as it
  /// was told: an object that was applied before, or a file of the appliance's.
  func local(_ mistakes: [Mistake]) -> [Mistake] {
    let names = Set(files.map(\.name))
    return mistakes.map { mistake in
      guard names.contains(mistake.file) else { return mistake }
      var mistake = mistake
      mistake.file = path(of: mistake.file)
      return mistake
    }
  }
}

/// Why a bundle cannot be sent.
struct BundleMistakes: Error {
  var mistakes: [Mistake]
}
