/// A choice on the machine's screen between profiles.
package struct BootMenu: Hashable, Sendable {
  package var title: String
  /// Names of profiles, in their order.
  package var entries: [String]
  /// The one that starts by itself; nil: the first.
  package var chosen: String?
  /// How long it waits for a key; zero: for ever.
  package var timeout: Duration

  package init(
    title: String, entries: [String], chosen: String? = nil, timeout: Duration = .seconds(10)
  ) {
    self.title = title
    self.entries = entries
    self.chosen = chosen
    self.timeout = timeout
  }
}
