/// A text that goes to one armed machine, once for each installation: a password hash, a join token,
/// a private host key.
package struct Secret: Hashable, Sendable {
  package var name: String
  /// NAME of `{{secrets.NAME}}`: its own name, unless several sites or machines have one each.
  package var variable: String
  package var site: String
  /// Only this machine's answers may hold it; nil: all of the site.
  package var machine: String?
  package var labels: [String: String]
  package var value: Text

  /// A value that no log, dump or interpolation shows by mistake.
  package struct Text: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
  {
    /// The value itself, for the one place that renders it.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    package var customMirror: Mirror { Mirror(self, children: [:]) }

    /// What previews show in its place.
    package static let mask = "********"
  }

  package init(
    name: String, variable: String? = nil, site: String, machine: String? = nil,
    labels: [String: String] = [:], value: Text
  ) {
    self.name = name
    self.variable = variable ?? name
    self.site = site
    self.machine = machine
    self.labels = labels
    self.value = value
  }
}
