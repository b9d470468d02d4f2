import EventLoop

extension ConfigurationReader {
  /// Reads what must hold before a changed configuration is put in force.
  mutating func readReload(_ value: Value) {
    guard let fields = Fields(value, of: "reload", keys: ["against", "within"]),
      let against = fields.required("against", of: "reload"),
      let places = against.oneOrMore(of: "folders of recordings")
    else { return }
    var folders: [String] = []
    for place in places {
      guard let path = place.path(from: folder) else { continue }
      // A folder that a recorder makes later is a folder all the same.
      if (try? RecordingFolder.recordings(in: [path]))?.isEmpty != false {
        place.warning("\(path) holds no recordings: no reload is held against any")
      }
      folders.append(path)
    }
    if places.isEmpty { against.mistake("an empty list, expected folders of recordings") }
    let within = fields["within"]?.duration("30s", from: "1s", to: "10m", 1...600)
    settings.reload = ReloadSettings(folders: folders, within: within ?? .seconds(30))
  }
}
