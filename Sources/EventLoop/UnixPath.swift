import CLinux
import Glibc

/// A unix socket's place in the file system.
enum UnixPath {
  /// Makes the folder that a socket is to lie in, which a restart of the box takes away from /run.
  static func makeFolder(of path: String) throws(SystemError) {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
    try OwnFolder.make(String(path[..<slash]))
  }

  /// Removes a socket that nobody listens at.
  static func clear(_ path: String) throws(SystemError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw SystemError(call: "bind", errno: EEXIST, path: path)
    }
    let probe = try checked(cl_unix_socket(0), "socket")
    defer { Glibc.close(probe) }
    let result = unsafe cl_connect_unix(probe, path, path.utf8.count)
    // EAGAIN: somebody listens, and has a full queue.
    guard result == -ECONNREFUSED else {
      throw SystemError(call: "bind", errno: EADDRINUSE, path: path)
    }
    unsafe unlink(path)
  }

  /// The mode is set before `listen`, so nobody can connect in between.
  static func listen(_ fd: Int32, _ path: String, group: String?) throws(SystemError) {
    try checked(unsafe cl_bind_unix(fd, path, path.utf8.count), "bind", path)
    if let group { try checked(unsafe cl_chown_group(path, group), "chown", path) }
    guard unsafe chmod(path, 0o660) == 0 else {
      throw SystemError(call: "chmod", errno: errno, path: path)
    }
    guard Glibc.listen(fd, 128) == 0 else {
      throw SystemError(call: "listen", errno: errno, path: path)
    }
  }
}
