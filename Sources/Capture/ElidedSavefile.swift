import Bytes
import Digest
import EventLoop
import Glibc
import Replay

/// A copy of a recording without anybody's files, and the list of those beside it.
package enum ElidedSavefile {
  /// What the list's name has behind the recording's.
  package static let listEnding = ".elided"

  private static let head = """
    # What this recording held, one file a line: whether its bytes were elided (zeroed or cut off) or
    # kept because they are text; how many were recorded, of how many where not all were; the SHA-256 of
    # the original, or - where not all was recorded or nothing was left to hash; its name.

    """

  /// Writes `path` and its list, neither of which may be there.
  ///
  /// - Returns: How many files were elided, and how many kept.
  package static func write(
    _ recording: Savefile, to path: String
  ) throws(SystemError) -> (elided: Int, kept: Int) {
    let elision = Elision(recording.frames)
    let writer = try SavefileWriter(path, recording.link, limit: .max)
    for frame in elision.frames { _ = try writer.write(frame) }
    try writer.flush()
    let list = head + elision.files.map(line).joined()
    try NewFile.write(Array(list.utf8), to: path + listEnding, mode: 0o600)
    let kept = elision.files.count { $0.isKept }
    return (elision.files.count - kept, kept)
  }

  /// Reads a recording and takes it apart; where a list lies beside it, its files are known as elided.
  ///
  /// - Throws: Where the recording is none, or its list is no list.
  package static func read(
    _ path: String
  ) throws(CaptureFailure) -> (file: Savefile, recording: Recording) {
    let file = try Savefile(reading: path)
    var recording = Recording(file.frames)
    guard let octets = try list(path + listEnding) else { return (file, recording) }
    do throws(Malformed) {
      recording.mark(try ElidedList(reading: octets))
    } catch {
      throw CaptureFailure(path + listEnding, "\(error)")
    }
    return (file, recording)
  }

  private static let longestList: Int64 = 16 << 20

  /// nil where there is none.
  private static func list(_ path: String) throws(CaptureFailure) -> [UInt8]? {
    do throws(SystemError) {
      let list = try File(at: path)
      guard list.size <= longestList else {
        throw SystemError(call: "read", errno: EFBIG, path: path)
      }
      return try list.read(at: 0, count: Int(list.size))
    } catch {
      if error.isMissing { return nil }
      throw CaptureFailure(path, "\(error)")
    }
  }

  private static func line(_ file: ElidedFile) -> String {
    var count = "\(file.octets.count)"
    if !file.isWhole { count += "/" + (file.byteCount.map { "\($0)" } ?? "?") }
    let hasDigest = file.isWhole && !file.isBlank
    let digest = hasDigest ? SHA256(of: file.octets).map { Hexadecimal.text($0.octets) } : nil
    return "\(file.isKept ? "kept" : "elided") \(count) \(digest ?? "-") \(file.name)\n"
  }
}
