import Boot
import EventLoop
import FoundationEssentials
import YAML

/// The whole configuration in force, as `check --against` asks for it: its files and templates as
/// they were when they were read, and what was applied. No value of a secret is in it.
package struct RunningConfiguration: Codable, Hashable, Sendable {
  package struct File: Codable, Hashable, Sendable {
    package var name: String
    /// YAML, written anew: without comments.
    package var text: String
  }

  /// Of the catalog.
  package var generation: UInt64
  /// Where relative paths begin; absolute, as all paths here.
  package var folder: String
  package var files: [File]
  /// Templates, and the hosts file, by their paths.
  package var templates: [String: String]
  /// Applied objects, as `export` tells them.
  package var applied: String

  /// Reads as many bytes as the configuration has: beside the loop.
  ///
  /// - Parameter here: The folder that this process is in.
  init(
    _ sources: ConfigurationSources, _ objects: ObjectIndex, generation: UInt64, in here: String
  ) {
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(here)/\(path)" }
    self.generation = generation
    folder = absolute(sources.folder)
    files = sources.files.map { file in
      File(name: absolute(file.name), text: Self.text(of: file.bytes))
    }
    templates = Dictionary(sources.texts.map { (absolute($0.key), $0.value) }) { first, _ in
      first
    }
    applied = ObjectText.export(objects) { _ in true }
  }

  private static func text(of bytes: [UInt8]) -> String {
    guard var root = Document(parsing: bytes).root else { return "" }
    root.hideSecrets()
    return root.yaml()
  }

  /// What it was read from.
  package var sources: ConfigurationSources {
    ConfigurationSources(
      folder: folder,
      files: files.map { SourceFile(name: $0.name, bytes: Array($0.text.utf8)) },
      texts: templates, isWhole: true)
  }

  /// What was applied, with asterisks for the values of secrets.
  package var objects: [StoredObject] {
    guard !applied.isEmpty else { return [] }
    return ObjectBundle([ObjectBundle.File(name: "applied.yaml", text: applied)]).objects.map {
      object in
      var object = object
      if object.kind == .secrets { object.spec["value"] = .mask(at: object.spec.position) }
      return object
    }
  }
}

extension Appliance {
  /// Tells what is made of the configuration in force, beside the loop; nil where there are no files.
  func runningConfiguration<Made: Sendable>(
    as make: @escaping @Sendable (RunningConfiguration) -> Made, then: @escaping (Made?) -> Void
  ) {
    guard let sources else { return then(nil) }
    let (objects, generation) = (editor.objects, catalog.generation)
    loop.offload {
      make(
        RunningConfiguration(
          sources, objects, generation: generation,
          in: FileManager.default.currentDirectoryPath))
    } then: { outcome in
      then(try? outcome.get())
    }
  }
}

extension Node {
  /// Asterisks for each secret's value, wherever it was.
  fileprivate mutating func hideSecrets() {
    guard var section = self["secrets"], case .mapping(let entries) = section.content else {
      return
    }
    section.content = .mapping(
      entries.map { entry in
        var entry = entry
        entry.value["file"] = nil
        entry.value["value"] = .mask(at: entry.value.position)
        return entry
      })
    self["secrets"] = section
  }

  fileprivate static func mask(at position: Position) -> Node {
    Node(.scalar(Secret.Text.mask, isPlain: false), at: position)
  }
}
