import Bytes

/// The codes of ERROR packets (RFC 1350 appendix, RFC 2347 §4).
package enum TFTPErrorCode: UInt16, Sendable {
  case undefined = 0
  case fileNotFound = 1
  case accessViolation = 2
  case diskFull = 3
  case illegalOperation = 4
  case unknownTransfer = 5
  case fileExists = 6
  case noSuchUser = 7
  case optionsRefused = 8

  /// Appends an ERROR with this code. `message` is for people.
  package func encode(_ message: String, into writer: inout ByteWriter) {
    writer.write(TFTPOperation.error.rawValue)
    writer.write(rawValue)
    writer.write(message)
    writer.write(UInt8(0))
  }
}
