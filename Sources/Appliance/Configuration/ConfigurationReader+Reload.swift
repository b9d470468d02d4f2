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
      do throws(SystemError) {
        if try RecordingFolder.recordings(in: [path]).isEmpty { warnOfNone(path, place) }
      } catch {
        if error.isMissing {
          warnOfNone(path, place)
        } else {
          place.mistake("\(path) cannot be read: \(error)")
        }
      }
      folders.append(path)
    }
    if places.isEmpty { against.mistake("an empty list, expected folders of recordings") }
    // Whoever asks for an edit waits for two minutes at most.
    let within = fields["within"]?.duration("30s", from: "1s", to: "90s", 1...90)
    settings.reload = ReloadSettings(folders: folders, within: within ?? .seconds(30))
  }

  private func warnOfNone(_ path: String, _ place: Value) {
    place.warning("\(path) holds no recordings: no reload is held against any")
  }
}
