/// Text as netascii mode transfers it: lines end with CR LF, and a CR alone is CR NUL (RFC 1350
/// §1, RFC 764).
package enum NetASCII {
  /// The largest text that is translated, in bytes: it must be held in memory, because nothing
  /// tells where in the file a block begins.
  package static let limit = 1 << 20

  package static func encode(_ text: [UInt8]) -> [UInt8] {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.count + text.count / 16)
    for octet in text {
      switch octet {
      case 0x0a:
        encoded.append(0x0d)
        encoded.append(0x0a)
      case 0x0d:
        encoded.append(0x0d)
        encoded.append(0)
      default: encoded.append(octet)
      }
    }
    return encoded
  }
}
