import Boot
import EventLoop
import FoundationEssentials

extension LoadedConfiguration {
  /// What is served without a configuration: a proxyDHCP on one interface, beside whoever gives the
  /// addresses there. Machines boot the tree's `boot.ipxe`, or read that there is none.
  ///
  /// - Parameter files: The tree to serve. Never the current folder unless it is named: it may hold
  ///   what is nobody's business.
  /// - Throws: Why it cannot be served, as a configuration's mistakes.
  package static func proxy(
    on name: String, files: String?, _ table: InterfaceTable, generation: UInt64
  ) throws(ConfigurationMistakes) -> LoadedConfiguration {
    guard let found = table[name] else {
      let names = table.interfaces.map(\.name)
      throw refusal(
        "this machine has no interface \(name)" + NearestName.question(name, among: names),
        "--interface")
    }
    let settings = Settings(files: files ?? Settings().files)
    do throws(Mistake) { try prepare(settings, ownFiles: files != nil) } catch {
      throw ConfigurationMistakes(mistakes: [error], warnings: [])
    }
    let script = try script(in: settings.files)
    let shelf = LoaderShelf.load(settings.loaders)
    var warnings =
      shelf.loaders.isEmpty ? ["no loader is installed: run bootwire loaders install"] : []
    if script == nil {
      warnings.append(
        "no \(settings.files)/\(scriptName): machines will say that nothing is for them")
    }
    let catalog = Catalog(
      generation: generation, site: (try? HostName.current()) ?? "bootwire",
      interfaces: [Interface(name: name, number: found.index, dhcp: .proxy, dns: false)],
      profiles: script.map { [Profile(name: scriptName, boot: .script($0))] } ?? [],
      defaultProfile: script == nil ? .none : .profile(scriptName), loaders: shelf.loaders)
    return LoadedConfiguration(
      settings: settings, catalog: catalog, warnings: warnings, refusedLoaders: shelf.warnings)
  }

  private static let scriptName = "boot.ipxe"

  /// Its text is iPXE's alone: nothing in it is a variable of ours.
  private static func script(in files: String) throws(ConfigurationMistakes) -> Template? {
    let path = "\(files)/\(scriptName)"
    guard Folder.exists(path) else { return nil }
    do throws(Mistake) {
      let file = try SourceFile(reading: path, limit: 1 << 20)
      return Template(verbatim: String(decoding: file.bytes, as: UTF8.self))
    } catch {
      throw ConfigurationMistakes(mistakes: [error], warnings: [])
    }
  }

  /// Makes the folders that the unit would have made.
  private static func prepare(_ settings: Settings, ownFiles: Bool) throws(Mistake) {
    var folders = [settings.state, settings.control.folder]
    if !ownFiles { folders.append(settings.files) }
    for folder in folders where !Folder.exists(folder) {
      do {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw Mistake(file: folder, "the folder cannot be made: run as root, or give --config")
      }
    }
  }

  private static func refusal(_ text: String, _ place: String) -> ConfigurationMistakes {
    ConfigurationMistakes(mistakes: [Mistake(file: place, text)], warnings: [])
  }
}

extension String {
  /// The path without its last part.
  fileprivate var folder: String {
    lastIndex(of: "/").map { String(self[..<$0]) } ?? "."
  }
}
