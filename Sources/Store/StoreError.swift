import CSQLite
import Glibc

/// What SQLite refused, told so that the caller can choose: wait for room, set the file aside, or
/// tell the operator.
package struct StoreError: Error, Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// No room, no quota, or the file may not grow. The store works again once there is room.
    case diskFull
    case readOnly
    /// The file is no database, or a damaged one.
    case corrupt
    /// It cannot be opened: a folder, a missing folder, or not ours to read.
    case unreadable
    /// Somebody removed or replaced it while it was in use. A new one was made, and holds
    /// nothing of what was in it: put it all again.
    case removed
    /// Another process holds it.
    case busy
    /// A later bootwire wrote it. This one must not touch it.
    case newerSchema
    case other
  }

  package let kind: Kind
  /// SQLite's extended result code.
  package let code: Int32
  package let message: String
  package let path: String

  package init(_ kind: Kind, code: Int32, message: String, path: String) {
    self.kind = kind
    self.code = code
    self.message = message
    self.path = path
  }

  /// - Parameter systemError: `errno` of the failed call, or 0. A quota (EDQUOT) and a file size
  ///   limit (EFBIG) are plain I/O errors to SQLite, but to an operator the disk is full.
  init(code: Int32, systemError: Int32, message: String, path: String) {
    let kind: Kind =
      switch code & 0xff {
      case SQLITE_FULL: .diskFull
      case SQLITE_READONLY: .readOnly
      // Our statements are right where the schema is ours; so an error in one (SQLITE_ERROR) is damage
      // that SQLite met elsewhere than in a page: "unsupported file format", "no such table".
      case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR, SQLITE_SCHEMA: .corrupt
      // The log or its index, on a disk that cannot be written, or that has no room for another file.
      case SQLITE_CANTOPEN where systemError == EROFS: .readOnly
      case SQLITE_CANTOPEN where [ENOSPC, EDQUOT].contains(systemError): .diskFull
      // This process has too many files open, or the system has: it says nothing of this one.
      case SQLITE_CANTOPEN where [EMFILE, ENFILE, ENOMEM].contains(systemError): .other
      case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .unreadable
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_IOERR where [ENOSPC, EDQUOT, EFBIG].contains(systemError): .diskFull
      case SQLITE_IOERR where systemError == EROFS: .readOnly
      case SQLITE_IOERR where code == ioErrorShortRead || systemError == EISDIR: .corrupt
      // The medium cannot give back what was on it, the file system says.
      case SQLITE_IOERR
      where code == ioErrorCorruptFileSystem || code == ioErrorRead && systemError == EIO: .corrupt
      case _: .other
      }
    self.init(kind, code: code, message: message, path: path)
  }
}

/// `SQLITE_IOERR_READ`, a macro that is an expression and so not imported, as the next two.
private let ioErrorRead = SQLITE_IOERR | 1 << 8
private let ioErrorShortRead = SQLITE_IOERR | 2 << 8
private let ioErrorCorruptFileSystem = SQLITE_IOERR | 33 << 8

extension StoreError: CustomStringConvertible {
  package var description: String {
    let what =
      switch kind {
      case .diskFull: "no room on the disk"
      case .readOnly: "it may not be written"
      case .corrupt: "it is damaged"
      case .unreadable: "it cannot be opened"
      case .removed: "it was taken away while in use"
      case .busy: "another process holds it"
      case .newerSchema: "a newer bootwire wrote it"
      case .other: "SQLite failed"
      }
    return "\(path): \(what) (\(message), SQLite code \(code))"
  }
}
