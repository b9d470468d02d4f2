import Boot
import EventLoop

extension Configuration {
  /// Longest file, in bytes.
  static let fileSizeMax = 8 << 20

  /// Reads `path`, a file, or a folder whose `*.yaml` are read as one, together with objects that
  /// were applied.
  ///
  /// - Parameter stored: What was applied beside the files; no name stands in both.
  /// - Throws: all mistakes; the caller shows them and keeps what it runs.
  package static func load(
    _ path: String, stored: [StoredObject] = [], in surroundings: Surroundings
  ) throws(ConfigurationMistakes) -> Configuration {
    try read(try ConfigurationSources(reading: path), stored: stored, in: surroundings)
  }

  /// The files of a configuration, and the folder that its relative paths begin at.
  static func sources(
    _ path: String
  ) throws(ConfigurationMistakes) -> (files: [SourceFile], folder: String) {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    do throws(Mistake) {
      guard let names = try? Folder.names(trimmed) else {
        return ([try SourceFile(reading: trimmed, limit: fileSizeMax)], folder(of: trimmed))
      }
      var files: [SourceFile] = []
      for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        files.append(try SourceFile(reading: "\(trimmed)/\(name)", limit: fileSizeMax))
      }
      guard !files.isEmpty else { throw Mistake(file: path, "no file *.yaml in this folder") }
      return (files, trimmed)
    } catch {
      throw ConfigurationMistakes(mistakes: [error], warnings: [])
    }
  }

  static func read(
    _ files: [SourceFile], stored: [StoredObject] = [], from folder: String,
    in surroundings: Surroundings
  ) throws(ConfigurationMistakes) -> Configuration {
    try read(
      ConfigurationSources(folder: folder, files: files), stored: stored, in: surroundings)
  }

  static func read(
    _ sources: ConfigurationSources, stored: [StoredObject] = [], in surroundings: Surroundings
  ) throws(ConfigurationMistakes) -> Configuration {
    let texts = TemplateTexts(sources)
    var reader = ConfigurationReader(
      folder: sources.folder, surroundings: surroundings, texts: texts)
    reader.read(sources.files, stored: stored)
    let mistakes = reader.findings.mistakes.sorted()
    let warnings = reader.findings.warnings.sorted()
    guard mistakes.isEmpty else {
      throw ConfigurationMistakes(mistakes: mistakes, warnings: warnings)
    }
    return Configuration(
      settings: reader.settings, site: reader.site, interfaces: reader.interfaces.map(\.interface),
      subnets: reader.subnets.map(\.subnet), profiles: reader.profiles.compactMap(\.profile),
      machines: reader.machines.map(\.machine), defaultProfile: reader.defaultProfile,
      scripts: reader.scripts.objects, keys: reader.publicKeys,
      secrets: reader.secrets.map(\.secret), values: reader.values, names: reader.names,
      certificates: reader.certificates, trust: reader.trust,
      objects: ObjectIndex(reader.register.objects()),
      warnings: warnings,
      sources: ConfigurationSources(
        folder: sources.folder, files: sources.files, texts: texts.texts, isWhole: true))
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
