import Bytes

/// Goes through the options of a DHCP message, one after another, without copying.
package struct DHCPOptionWalk: ~Escapable {
  /// Where options may stand, in the order in which they are read (RFC 3396 §5).
  package enum Area: Sendable {
    case options
    case file
    case serverName
  }

  /// An option's code, and where its value stands.
  package struct Option: Equatable, Sendable {
    package let code: UInt8
    package let start: Int
    package let count: Int
  }

  private let bytes: RawSpan
  package private(set) var area = Area.options
  /// Option 52 of the options field; it decides what is walked after that field.
  var overload: UInt8 = 0
  private var offset = DHCPMessage.minimumCount
  private var end: Int

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
    end = bytes.byteCount
  }

  /// The next option, or nil after the last; throws when its length runs out of its field.
  package mutating func next() throws(Malformed) -> Option? {
    repeat {
      while offset < end {
        let code = bytes.octet(at: offset)
        if code == DHCPOption.end { break }
        guard code != DHCPOption.pad else {
          offset += 1
          continue
        }
        guard offset + 1 < end else { throw Malformed(.truncated, at: offset) }
        let count = Int(bytes.octet(at: offset + 1))
        let start = offset + 2
        guard count <= end - start else { throw Malformed(.truncated, at: offset) }
        offset = start + count
        return Option(code: code, start: start, count: count)
      }
    } while enterNextArea()
    return nil
  }

  private mutating func enterNextArea() -> Bool {
    if area == .options, overload & 1 != 0 {
      area = .file
      (offset, end) = (108, 236)
      return true
    }
    if area != .serverName, overload & 2 != 0 {
      area = .serverName
      (offset, end) = (44, 108)
      return true
    }
    offset = end
    return false
  }
}
