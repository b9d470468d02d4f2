import Bytes

/// Goes through the sub-options of option 43 (PXE), 82 (relay) or 175 (iPXE) without copying.
package struct SubOptions: ~Escapable {
  /// Whether 0 is a pad and 255 the end, as in options 43 and 175. Option 82 has neither
  /// (RFC 3046 §2.0).
  package enum Form: Sendable {
    case padded
    case plain
  }

  private let bytes: RawSpan
  private let form: Form
  private var offset = 0

  @_lifetime(copy bytes)
  package init(_ bytes: RawSpan, _ form: Form) {
    self.bytes = bytes
    self.form = form
  }

  /// The next sub-option's code and where its value stands, or nil after the last.
  package mutating func next() throws(Malformed) -> DHCPOptionWalk.Option? {
    while offset < bytes.byteCount {
      let code = bytes.octet(at: offset)
      if form == .padded, code == DHCPOption.end { return nil }
      guard form == .plain || code != DHCPOption.pad else {
        offset += 1
        continue
      }
      guard offset + 1 < bytes.byteCount else { throw Malformed(.truncated, at: offset) }
      let count = Int(bytes.octet(at: offset + 1))
      let start = offset + 2
      guard count <= bytes.byteCount - start else { throw Malformed(.truncated, at: offset) }
      offset = start + count
      return DHCPOptionWalk.Option(code: code, start: start, count: count)
    }
    return nil
  }

  /// The value of the first sub-option with `code`; nil when there is none.
  @_lifetime(copy bytes)
  package static func value(
    of code: UInt8, in bytes: RawSpan, _ form: Form
  ) throws(Malformed) -> RawSpan? {
    var walk = SubOptions(bytes, form)
    while let option = try walk.next() {
      guard option.code == code else { continue }
      return bytes.extracting(option.start..<option.start + option.count)
    }
    return nil
  }
}
