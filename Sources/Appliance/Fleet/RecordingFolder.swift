import EventLoop

/// Folders of recordings, as `bootwire record` fills them.
package enum RecordingFolder {
  /// The paths of all `*.pcap` and `*.pcapng` in folders, sorted within each; what lies deeper is
  /// not looked for.
  package static func recordings(in folders: [String]) throws(SystemError) -> [String] {
    var paths: [String] = []
    for folder in folders {
      let names = try Folder.names(folder)
      paths += names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }
        .map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    }
    return paths
  }
}
