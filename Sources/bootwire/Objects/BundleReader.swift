import Boot
import EventLoop
import FoundationEssentials
import YAML

/// Reads a file, a folder or standard input into a ``ApplyBundle``, and everything that it refers to.
struct BundleReader {
  private var bundle = ApplyBundle()
  private var mistakes: [Mistake] = []
  private var taken: Set<String> = []
  /// Nothing relative is read from outside of it.
  private let tree: FileTree

  /// - Parameter source: A path, or `-`.
  static func read(_ source: String) throws -> ApplyBundle {
    if source == "-" {
      var reader = try BundleReader(folder: "")
      let bytes = try StandardInput.read(limit: Document.sizeMax)
      reader.takeYAML(bytes, named: ApplyBundle.standardInput)
      return try reader.finished()
    }
    let path = source.count > 1 && source.hasSuffix("/") ? String(source.dropLast()) : source
    if let names = try? Folder.names(path) {
      var reader = try BundleReader(folder: path == "." ? "" : path)
      let files = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
      guard !files.isEmpty else { throw Refusal("there is no file *.yaml in the folder \(path)") }
      for name in files { reader.takeYAML(named: name) }
      reader.takeSnippets(names)
      return try reader.finished()
    }
    let (folder, name) = split(path)
    var reader = try BundleReader(folder: folder)
    reader.takeYAML(named: name)
    reader.takeSnippets((try? Folder.names(folder.isEmpty ? "." : folder)) ?? [])
    return try reader.finished()
  }

  private init(folder: String) throws {
    bundle.folder = folder
    tree = try FileTree(folder.isEmpty ? "." : folder)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }

  private func finished() throws -> ApplyBundle {
    guard mistakes.isEmpty else {
      let told = mistakes.map { mistake in
        var mistake = mistake
        mistake.file = bundle.path(of: mistake.file)
        return mistake
      }
      throw BundleMistakes(mistakes: told.sorted())
    }
    guard bundle.size <= ApplyBundle.sizeMax else {
      throw Refusal(
        "this is \(bundle.size >> 20) MiB, and \(ApplyBundle.sizeMax >> 20) MiB is the most that is"
          + " applied at once: apply it in parts")
    }
    guard bundle.files.count <= ApplyBundle.fileCountMax else {
      throw Refusal(
        "these are \(bundle.files.count) files, and \(ApplyBundle.fileCountMax) are the most that are"
          + " applied at once: apply them in parts")
    }
    return bundle
  }

  private mutating func takeYAML(named name: String) {
    do {
      takeYAML(try bytes(of: name, limit: Document.sizeMax), named: name)
    } catch let error as SystemError where error.isMissing {
      mistakes.append(Mistake(file: name, "there is no such file, or it is none to read"))
    } catch {
      mistakes.append(Mistake(file: name, "\(error)"))
    }
  }

  private mutating func takeYAML(_ bytes: [UInt8], named name: String) {
    let document = Document(parsing: bytes)
    mistakes += document.mistakes.map {
      Mistake(file: name, line: $0.position.line, column: $0.position.column, $0.text)
    }
    guard document.mistakes.isEmpty else { return }
    take(bytes, named: name)
    for reference in BundleReference.all(in: document) { take(reference, from: name) }
  }

  /// A file beside the YAML is there for `{{> NAME}}`, whoever names it.
  private mutating func takeSnippets(_ names: [String]) {
    for name in names where name.hasSuffix(".mustache") && !taken.contains(name) {
      do { take(try bytes(of: name, limit: Template.sizeMax), named: name) } catch {
        mistakes.append(Mistake(file: name, "\(error)"))
      }
    }
  }

  private mutating func take(_ reference: BundleReference, from file: String) {
    func mistake(_ text: String) -> Mistake {
      Mistake(
        file: file, line: reference.position.line, column: reference.position.column, text)
    }
    if reference.kind == .privateKey {
      mistakes.append(mistake(PublicKeyText.privateKeySentence))
      return
    }
    let path = reference.path
    guard !taken.contains(path) else { return }
    do {
      if reference.kind == .secret, let why = exposure(of: path) {
        mistakes.append(mistake(why))
        return
      }
      let bytes = try bytes(of: path, limit: Template.sizeMax)
      if reference.kind == .publicKey,
        PublicKeyText.isPrivate(String(decoding: bytes, as: UTF8.self))
      {
        mistakes.append(mistake(PublicKeyText.privateKeySentence))
        return
      }
      take(bytes, named: path)
    } catch let error as SystemError where error.isMissing {
      // The name of an object, as a rule: the appliance knows which there are.
      if reference.kind == .fileOrName { return }
      let place = bundle.folder.isEmpty ? "the current folder" : "the folder \(bundle.folder)"
      mistakes.append(
        mistake(
          path.hasPrefix("/")
            ? "\(Escaped(path)) does not exist"
            : "\(Escaped(path)) is not in \(place); a file elsewhere is named absolutely"))
    } catch {
      mistakes.append(mistake("\(error)"))
    }
  }

  private mutating func take(_ bytes: [UInt8], named name: String) {
    guard taken.insert(name).inserted else { return }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      mistakes.append(Mistake(file: name, "this is no UTF-8 text"))
      return
    }
    bundle.files.append(ApplyBundle.File(name: name, text: text))
  }

  private func bytes(of name: String, limit: Int) throws -> [UInt8] {
    let file = name.hasPrefix("/") ? try File(at: name) : try tree.open(name)
    guard file.size <= Int64(limit) else {
      throw Refusal("longer than \(limit) bytes, the most we take")
    }
    return try file.read(at: 0, count: Int(file.size))
  }

  /// Why a file is no place for a secret; nil when it is one, or is not there.
  private func exposure(of name: String) -> String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: bundle.path(of: name))
    guard let mode = attributes?[.posixPermissions] as? Int, mode & 0o077 != 0 else { return nil }
    return "\(Escaped(name)) holds a secret and others may read it: chmod 600 it"
  }
}
