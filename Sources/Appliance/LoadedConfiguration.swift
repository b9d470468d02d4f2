import Boot

/// A configuration without mistakes, ready to be served.
package struct LoadedConfiguration: Sendable {
  package var settings: Settings
  package var catalog: Catalog
  /// What works, and is hardly meant; one sentence each, with file and line.
  package var warnings: [String]

  package init(settings: Settings, catalog: Catalog, warnings: [String] = []) {
    self.settings = settings
    self.catalog = catalog
    self.warnings = warnings
  }
}

/// A configuration that is not taken: all its mistakes, one line each with file, line and column.
package struct RefusedConfiguration: Error, Sendable {
  package var mistakes: [String]

  package init(mistakes: [String]) { self.mistakes = mistakes }
}
