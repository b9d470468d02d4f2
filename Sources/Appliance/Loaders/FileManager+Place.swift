import FoundationEssentials

extension FileManager {
  /// Writes a file that every user may read, so that it is there whole or not at all.
  func place(_ contents: FoundationEssentials.Data, at path: String) throws(LoaderFailure) {
    do {
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      try createDirectory(
        atPath: folder.joined(separator: "/"), withIntermediateDirectories: true)
      try contents.write(to: URL(fileURLWithPath: path), options: .atomic)
      try setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    } catch {
      let code = (error as? CocoaError)?.code
      let why =
        if code == .fileWriteNoPermission {
          "this user may not write there"
        } else if code == .fileWriteOutOfSpace {
          "there is no room on the disk"
        } else if code == .fileWriteVolumeReadOnly {
          "the file system is read-only"
        } else {
          "\(error)"
        }
      throw LoaderFailure("\(path) cannot be written: \(why)")
    }
  }
}
