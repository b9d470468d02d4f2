import Boot
import EventLoop

/// A configuration without mistakes with the loaders that are installed, ready to be served.
package struct LoadedConfiguration: Sendable {
  package var settings: Settings
  package var catalog: Catalog
  /// What we show by TLS.
  package var certificates: [ServerCertificate] = []
  /// What of it is shown object by object.
  package var objects = ObjectIndex()
  /// What works, and is hardly meant; one sentence each, with file and line.
  package var warnings: [String]
  /// The warnings of its files, to be told with their places apart.
  package var places: [Mistake] = []
  /// Files of the loaders folder that are not offered, with why.
  package var refusedLoaders: [String]
  /// What it was read from; nil: no files.
  package var sources: ConfigurationSources?

  /// Reads `path` against the interfaces of this box, together with the applied objects.
  ///
  /// - Throws: All mistakes; the caller keeps what it runs.
  package static func load(
    _ path: String, stored: [StoredObject] = [], _ table: InterfaceTable, generation: UInt64
  ) throws(ConfigurationMistakes) -> LoadedConfiguration {
    let host = (try? HostName.current()) ?? "bootwire"
    let configuration = try Configuration.load(
      path, stored: stored, in: Surroundings(table, hostName: host))
    let shelf = LoaderShelf.load(configuration.settings.loaders)
    return LoadedConfiguration(
      settings: configuration.settings,
      catalog: configuration.catalog(generation: generation, loaders: shelf.loaders),
      certificates: configuration.certificates, objects: configuration.objects,
      warnings: configuration.warnings.map(\.warning), places: configuration.warnings,
      refusedLoaders: shelf.warnings, sources: configuration.sources)
  }
}
