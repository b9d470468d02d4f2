import Boot
import EventLoop
import YAML

/// Where a configuration comes from: read at the start, at each reload and with each edit of
/// objects, beside the loop.
package struct ConfigurationSource: Sendable {
  package typealias Load =
    @Sendable (InterfaceTable, [StoredObject], UInt64) throws(ConfigurationMistakes) ->
    LoadedConfiguration

  /// The folder whose files are read again when they change; nil: only when somebody asks.
  package var folder: String?
  /// Reads it against the interfaces of this box together with the applied objects, as generation
  /// so-and-so of the catalog.
  let load: Load
  /// Where the applied objects are, which must be known before it is read with them.
  let state: @Sendable (InterfaceTable) throws(ConfigurationMistakes) -> String

  /// A file, or a folder of them.
  package init(path: String) {
    folder = (try? Folder.names(path)) == nil ? nil : path
    load = { table, stored, generation throws(ConfigurationMistakes) in
      try LoadedConfiguration.load(path, stored: stored, table, generation: generation)
    }
    state = { _ throws(ConfigurationMistakes) in try Configuration.stateFolder(path) }
  }

  /// What has no files, and takes no objects.
  package init(
    _ read:
      @escaping @Sendable (InterfaceTable, UInt64) throws(ConfigurationMistakes) ->
      LoadedConfiguration
  ) {
    load = { table, _, generation throws(ConfigurationMistakes) in try read(table, generation) }
    state = { table throws(ConfigurationMistakes) in try read(table, 0).settings.state }
  }
}

extension Configuration {
  /// The `state` of a configuration, whatever else is wrong with it.
  static func stateFolder(_ path: String) throws(ConfigurationMistakes) -> String {
    let (files, folder) = try sources(path)
    for file in files {
      guard let node = stateNode(file), let text = node.text, !text.isEmpty else { continue }
      return text.hasPrefix("/") ? text : "\(folder)/\(text)"
    }
    return Settings().state
  }

  /// The value of the top-level `state`. A file of ten thousand machines is not read twice for it:
  /// in block style its line begins with it.
  private static func stateNode(_ file: SourceFile) -> Node? {
    let line = file.bytes.split(separator: UInt8(ascii: "\n")).first {
      $0.starts(with: "state:".utf8)
    }
    if let line { return Document(parsing: Array(line)).root?["state"] }
    let opening = [UInt8(ascii: "{"), UInt8(ascii: " "), UInt8(ascii: "\"")]
    guard
      file.bytes.split(separator: UInt8(ascii: "\n")).contains(where: {
        opening.contains($0[$0.startIndex]) && String(decoding: $0, as: UTF8.self).contains("state")
      })
    else { return nil }
    return Document(parsing: file.bytes).root?["state"]
  }
}
