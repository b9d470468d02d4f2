import Boot

/// What a configuration says beside the catalog: where things are on this box.
package struct Settings: Equatable, Sendable {
  /// Folder of the database and of what grows at run time.
  package var state: String
  /// The tree that TFTP and HTTP serve.
  package var files: String
  /// The folder of the installed loaders.
  package var loaders: String
  /// The control socket's path.
  package var control: String
  /// Where the API is served by HTTPS; nil: nowhere.
  package var admin: AdminSettings?
  /// What is written down of boots that come to nothing; nil: nothing.
  package var recorder: RecorderSettings?

  package init(
    state: String = "/var/lib/bootwire", files: String = "/srv/bootwire",
    loaders: String = "/var/lib/bootwire/loaders", control: String = "/run/bootwire/control.sock",
    admin: AdminSettings? = nil, recorder: RecorderSettings? = RecorderSettings()
  ) {
    self.state = state
    self.files = files
    self.loaders = loaders
    self.control = control
    self.admin = admin
    self.recorder = recorder
  }
}

extension Settings {
  /// What a running process cannot change: the store and the control socket are open.
  static func immovable(_ old: Settings, _ new: Settings) -> [String] {
    var names: [String] = []
    if old.state != new.state { names.append("state") }
    if old.control != new.control { names.append("control") }
    return names
  }
}
