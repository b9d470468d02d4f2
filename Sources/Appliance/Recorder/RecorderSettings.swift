/// Where the flight recorder writes, and when.
package struct RecorderSettings: Hashable, Sendable {
  /// The folder of the recordings; nil: `recordings` below the state.
  package var folder: String?
  /// How long after a machine's last step its boot counts as stalled.
  package var stall: Duration
  /// What all recordings together may take on disk, in octets.
  package var limit: Int

  package init(folder: String? = nil, stall: Duration = .seconds(60), limit: Int = 64 << 20) {
    self.folder = folder
    self.stall = stall
    self.limit = limit
  }
}

extension Settings {
  /// Where recordings are written.
  package var recordings: String { recorder?.folder ?? "\(state)/recordings" }
}
