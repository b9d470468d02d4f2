import Glibc

extension File {
  /// Opens a file that the operator named, wherever it is, links followed. Never for names that
  /// come from the network: those go through ``FileTree``.
  package convenience init(at path: String) throws(SystemError) {
    // Without O_NONBLOCK a FIFO would wait for its writer.
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw SystemError(call: "open", errno: Glibc.errno, path: path)
    }
    try self.init(descriptor: descriptor, path: path)
  }
}

/// The names in a folder that the operator named.
package enum Folder {
  /// Sorted, without hidden ones; throws ENOTDIR for anything but a folder.
  package static func names(_ path: String) throws(SystemError) -> [String] {
    guard let folder = unsafe opendir(path) else {
      throw SystemError(call: "opendir", errno: Glibc.errno, path: path)
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
