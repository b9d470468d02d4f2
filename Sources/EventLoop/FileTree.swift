import CLinux
import Glibc

/// A folder out of which no path, link or race leads.
package final class FileTree {
  package let path: String
  private let root: Int32

  /// Opens the folder, and fails at once where `openat2` is not to be had.
  package init(_ path: String) throws(SystemError) {
    root = try checked(unsafe cl_open_root(path), "open", path)
    self.path = path
    let probe = unsafe cl_open_beneath(root, ".")
    guard probe >= 0 else {
      Glibc.close(root)
      throw SystemError(call: "openat2", errno: -probe, path: path)
    }
    Glibc.close(probe)
  }

  deinit { Glibc.close(root) }

  /// Whether another folder is at the path now: a new release that was moved into its place. False
  /// while there is none, for one may be on its way.
  package var isReplaced: Bool {
    let now = unsafe cl_open_root(path)
    guard now >= 0 else { return false }
    defer { Glibc.close(now) }
    var (own, other) = (Glibc.stat(), Glibc.stat())
    guard unsafe fstat(root, &own) == 0, unsafe fstat(now, &other) == 0 else { return false }
    return own.st_ino != other.st_ino || own.st_dev != other.st_dev
  }

  /// Opens a regular file for reading; never blocks on a FIFO or device.
  ///
  /// Symbolic links are followed as long as they stay within the tree and are relative, for
  /// distributions ship `initrd` as a link; EXDEV is one that leads out. A leading `/` is the
  /// tree's root, as TFTP clients write it.
  package func open(_ name: String) throws(SystemError) -> File {
    // C would stop reading at a zero byte and open something else than what was asked for.
    guard !name.utf8.contains(0) else {
      throw SystemError(call: "openat2", errno: EINVAL, path: name)
    }
    let relative = name.drop { $0 == "/" }
    guard !relative.isEmpty else {
      throw SystemError(call: "openat2", errno: EISDIR, path: name)
    }
    let text = String(relative)
    // EAGAIN: a rename ran beside a `..` of a link, so that the kernel cannot tell; ask again.
    for _ in 0..<Self.attempts {
      let descriptor = unsafe cl_open_beneath(root, text)
      if descriptor >= 0 { return try File(descriptor: descriptor, path: name) }
      guard descriptor == -EAGAIN || descriptor == -EINTR else {
        throw SystemError(call: "openat2", errno: -descriptor, path: name)
      }
    }
    throw SystemError(call: "openat2", errno: ENOENT, path: name)
  }

  private static let attempts = 16
}
