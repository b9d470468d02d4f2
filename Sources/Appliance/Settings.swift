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
  /// The recorded boots that a changed configuration must not break; nil: none.
  package var reload: ReloadSettings?

  package init(
    state: String = "/var/lib/bootwire", files: String = "/srv/bootwire",
    loaders: String = "/var/lib/bootwire/loaders", control: String = "/run/bootwire/control.sock",
    admin: AdminSettings? = nil, recorder: RecorderSettings? = RecorderSettings(),
    reload: ReloadSettings? = nil
  ) {
    self.state = state
    self.files = files
    self.loaders = loaders
    self.control = control
    self.admin = admin
    self.recorder = recorder
    self.reload = reload
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

/// What must hold before a changed configuration is put in force.
package struct ReloadSettings: Equatable, Sendable {
  /// Whose `*.pcap` it is played against.
  package var folders: [String]
  /// The time that it may take; what cannot be played in it is as good as broken.
  package var within: Duration

  package init(folders: [String], within: Duration = .seconds(30)) {
    self.folders = folders
    self.within = within
  }
}
