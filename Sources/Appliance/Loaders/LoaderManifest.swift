import FoundationEssentials

/// `manifest.json` of the loaders folder: what was installed, from where, and its digest then.
package struct LoaderManifest: Codable, Equatable, Sendable {
  package struct Entry: Codable, Equatable, Sendable {
    /// Below the loaders folder.
    package var path: String
    package var sha256: String
    package var byteCount: Int
    /// As the configuration writes it; nil for what belongs to a loader and is none itself.
    package var architecture: String?
    /// A package's name, or the folder it was imported from.
    package var origin: String
    package var version: String
  }

  /// In the order of their paths.
  package private(set) var files: [Entry] = []

  package init() {}

  private static func path(in folder: String) -> String { folder + "/manifest.json" }

  /// An empty one where there is none.
  package init(in folder: String) throws(LoaderFailure) {
    guard let contents = FileManager.default.contents(atPath: Self.path(in: folder)) else { return }
    guard let manifest = try? JSONDecoder().decode(LoaderManifest.self, from: contents) else {
      throw LoaderFailure("\(Self.path(in: folder)) is damaged; install the loaders again")
    }
    self = manifest
  }

  /// Notes `entry` in place of what was noted for its path.
  package mutating func note(_ entry: Entry) {
    files.removeAll { $0.path == entry.path }
    files.append(entry)
    files.sort { $0.path < $1.path }
  }

  package func write(in folder: String) throws(LoaderFailure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let contents = try? encoder.encode(self) else {
      throw LoaderFailure("the manifest cannot be written as JSON")
    }
    try FileManager.default.place(contents, at: Self.path(in: folder))
  }
}
