import Boot
import EventLoop

/// A configuration without mistakes with the loaders that are installed, ready to be served.
package struct LoadedConfiguration: Sendable {
  package var settings: Settings
  package var catalog: Catalog
  /// What we show by TLS.
  package var certificates: [ServerCertificate] = []
  /// What works, and is hardly meant; one sentence each, with file and line.
  package var warnings: [String]
  /// Files of the loaders folder that are not offered, with why.
  package var refusedLoaders: [String]

  /// Reads `path` against the interfaces of this box.
  ///
  /// - Throws: All mistakes; the caller keeps what it runs.
  package static func load(
    _ path: String, _ table: InterfaceTable, generation: UInt64
  ) throws(ConfigurationMistakes) -> LoadedConfiguration {
    let host = (try? HostName.current()) ?? "bootwire"
    let configuration = try Configuration.load(path, in: Surroundings(table, hostName: host))
    let shelf = LoaderShelf.load(configuration.settings.loaders)
    return LoadedConfiguration(
      settings: configuration.settings,
      catalog: configuration.catalog(generation: generation, loaders: shelf.loaders),
      certificates: configuration.certificates,
      warnings: configuration.warnings.map(\.warning), refusedLoaders: shelf.warnings)
  }
}
