import Boot
import EventLoop

/// The texts that a configuration was read from, as they were then.
package struct ConfigurationSources: Sendable {
  /// Where relative paths begin.
  var folder: String
  var files: [SourceFile]
  /// Templates, and the hosts file, by their paths.
  var texts: [String: String] = [:]
  /// Whether `texts` are all that there is, so that no template is read of this box.
  var isWhole = false

  /// Reads a file, or a folder whose `*.yaml` are read as one.
  package init(reading path: String) throws(ConfigurationMistakes) {
    (files, folder) = try Configuration.sources(path)
  }

  init(folder: String, files: [SourceFile], texts: [String: String] = [:], isWhole: Bool = false) {
    self.folder = folder
    self.files = files
    self.texts = texts
    self.isWhole = isWhole
  }
}

/// The templates' texts of one reading: of this box, or of where the configuration once was read.
/// Confined to that reading.
final class TemplateTexts {
  private(set) var texts: [String: String]
  private let isWhole: Bool

  init(_ sources: ConfigurationSources) {
    texts = sources.isWhole ? sources.texts : [:]
    isWhole = sources.isWhole
  }

  /// The names in a folder, as far as they can be templates.
  func names(in folder: String) -> [String] {
    guard isWhole else { return (try? Folder.names(folder)) ?? [] }
    return texts.keys.filter { $0.hasPrefix(folder + "/") }
      .map { String($0.dropFirst(folder.count + 1)) }.filter { !$0.contains("/") }.sorted()
  }

  func text(of path: String) throws(Mistake) -> String {
    if let text = texts[path] { return text }
    guard !isWhole else { throw Mistake(file: path, "it was not read with its configuration") }
    let file = try SourceFile(reading: path, limit: Template.sizeMax)
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw Mistake(file: path, "this is no UTF-8 text")
    }
    texts[path] = text
    return text
  }

  /// Of a file that others write, in whatever encoding; nil: there is none.
  func textIfThere(_ path: String, limit: Int) throws(Mistake) -> String? {
    if let text = texts[path] { return text }
    guard !isWhole, Folder.exists(path) else { return nil }
    let text = String(decoding: try SourceFile(reading: path, limit: limit).bytes, as: UTF8.self)
    texts[path] = text
    return text
  }
}
