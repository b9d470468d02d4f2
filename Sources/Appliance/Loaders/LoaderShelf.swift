import Boot

/// The loaders that are installed and may be offered.
package struct LoaderShelf: Sendable {
  package private(set) var loaders: [Loader] = []
  /// One sentence for each file that is there and was refused.
  package private(set) var warnings: [String] = []

  /// Looks for every row's file below `folder`, and checks each against its row's architecture.
  ///
  /// Digests are not compared here: `bootwire loaders list` does that, a start must be quick.
  package static func load(_ folder: String) -> LoaderShelf {
    var shelf = LoaderShelf()
    for row in LoaderRow.all {
      let path = "\(row.set.rawValue)/\(row.file)"
      do throws(LoaderFailure) {
        guard let file = try LoaderFile("\(folder)/\(path)") else { continue }
        try file.check(path, for: row.architecture)
        shelf.loaders.append(
          Loader(
            set: row.set, architecture: row.architecture, path: path,
            byteCount: file.octets.count))
      } catch {
        shelf.warnings.append("\(error): it is not offered")
      }
    }
    return shelf
  }
}
