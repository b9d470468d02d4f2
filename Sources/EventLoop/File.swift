import CLinux
import Glibc
import Network

/// A regular file, open for reading; closed when nobody holds it any more.
///
/// Size and time are those at opening: a file that is replaced meanwhile is served on as it was,
/// and one that was cut is noticed.
package final class File {
  package let size: Int64
  package let modified: UnixTime
  /// Which file it is, for an entity tag: its number and its device's.
  package let inode: UInt64
  package let device: UInt64
  /// The permission bits: 0o644.
  package let permissions: UInt32
  let descriptor: Int32

  /// Takes ownership of `descriptor`. Anything but a regular file is refused: EISDIR for a
  /// folder, ENXIO else.
  init(descriptor: Int32, path: String) throws(SystemError) {
    var status = cl_status()
    let result = unsafe cl_status(descriptor, &status)
    let kind = status.mode & UInt32(S_IFMT)
    guard result == 0, kind == UInt32(S_IFREG) else {
      Glibc.close(descriptor)
      let refusal = kind == UInt32(S_IFDIR) ? EISDIR : ENXIO
      throw SystemError(call: "openat2", errno: result < 0 ? -result : refusal, path: path)
    }
    self.descriptor = descriptor
    size = status.size
    modified = UnixTime(
      nanoseconds: status.modified_seconds &* 1_000_000_000 &+ status.modified_nanoseconds)
    inode = status.inode
    device = status.device
    permissions = status.mode & 0o7777
  }

  deinit { Glibc.close(descriptor) }

  /// Up to `count` bytes from `offset`; fewer only at the end of the file.
  package func read(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
    precondition(count >= 0, "a count is not negative")
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let result = unsafe bytes.withUnsafeMutableBytes { room in
        guard let start = room.baseAddress else { return 0 }
        return unsafe cl_read_at(
          descriptor, start + filled, count - filled, offset + Int64(filled))
      }
      if result == -Int(EINTR) { continue }
      guard result >= 0 else { throw SystemError(call: "pread", errno: Int32(-result)) }
      if result == 0 { break }
      filled += result
    }
    if filled < count { bytes.removeLast(count - filled) }
    return bytes
  }
}
