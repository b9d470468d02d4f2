import Capture
import EventLoop
import FoundationEssentials
import Network
import Wire

/// The folder of the recordings: nobody else reads them, and they are never more than they may be.
/// What has no name as we give them is left alone.
struct FlightFolder: Sendable {
  let path: String
  /// Octets of all recordings together.
  let limit: Int

  private static let mostRecordings = 1000
  private static let largest = 16 << 20
  private static let ending = ".pcap"
  private static let list = ElidedSavefile.listEnding
  private static let unfinished = ".part"

  /// Writes a recording with its list, and makes room by deleting the oldest.
  ///
  /// It has its name only when it is whole: until then it is called `.part`, and what a crash leaves of
  /// that goes with the next.
  ///
  /// - Returns: Its path.
  func write(
    _ frames: [Frame], files: String, of machine: MACAddress, at time: UnixTime
  ) throws -> String {
    try make()
    clean()
    let name = "\(path)/\(machine.dashed)_\(Self.stamp(time))\(Self.ending)"
    let temporary = name + Self.unfinished
    do {
      let writer = try SavefileWriter(temporary, .ethernet, limit: min(Self.largest, limit))
      for frame in frames where try !writer.write(frame) { break }
      try writer.finish()
      try NewFile.write(
        Array(files.utf8), to: name + Self.list + Self.unfinished, mode: 0o600)
      try FileManager.default.moveItem(
        atPath: name + Self.list + Self.unfinished, toPath: name + Self.list)
      try FileManager.default.moveItem(atPath: temporary, toPath: name)
    } catch {
      for left in [temporary, name + Self.list + Self.unfinished, name + Self.list] {
        try? FileManager.default.removeItem(atPath: left)
      }
      throw error
    }
    shrink(keeping: name)
    return name
  }

  /// One that the operator has made keeps the mode that he gave it; files are their owner's alone.
  private func make() throws {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  /// What a crash left behind: what has not got its name, and a list whose recording has not.
  private func clean() {
    for name in ownNames {
      let isAlone =
        name.hasSuffix(Self.list) && !Folder.exists("\(path)/\(name.dropLast(Self.list.count))")
      guard isAlone || name.hasSuffix(Self.unfinished) else { continue }
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }

  private func shrink(keeping newest: String) {
    var files: [(path: String, size: Int, time: String)] = []
    for name in ownNames where name.hasSuffix(Self.ending) {
      let file = "\(path)/\(name)"
      let size = Self.size(file) + Self.size(file + Self.list)
      let stamp = name.split(separator: "_").last.map(String.init) ?? ""
      files.append((file, size, stamp))
    }
    files.sort { ($0.time, $0.path) < ($1.time, $1.path) }
    var total = files.reduce(0) { $0 + $1.size }
    var count = files.count
    for file in files where total > limit || count > Self.mostRecordings {
      guard file.path != newest else { continue }
      try? FileManager.default.removeItem(atPath: file.path)
      try? FileManager.default.removeItem(atPath: file.path + Self.list)
      total -= file.size
      count -= 1
    }
  }

  /// Those that begin as ``write(_:files:of:at:)`` has them.
  private var ownNames: [String] {
    ((try? Folder.names(path)) ?? []).filter { name in
      let parts = name.split(separator: "_", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0].utf8.count == 17 else { return false }
      let stamp = parts[1].prefix { $0 != "." }
      return MACAddress(String(parts[0]))?.dashed == String(parts[0]) && stamp.utf8.count == 19
        && stamp.last == "Z" && stamp.dropLast().allSatisfy { $0.isNumber || $0 == "T" }
    }
  }

  private static func size(_ path: String) -> Int {
    guard let file = try? File(at: path) else { return 0 }
    return Int(clamping: file.size)
  }

  /// 20261122T184235.123Z, so that names sort by time and two of one second differ.
  private static func stamp(_ time: UnixTime) -> String {
    let text = Timestamp(time).description
    return text.filter { $0 != "-" && $0 != ":" && $0 != "." && $0 != "Z" } + "Z"
  }
}
