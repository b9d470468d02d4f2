extension RawSpan {
  /// The byte at `index`, which must lie within the span.
  @inlinable
  package func octet(at index: Int) -> UInt8 {
    precondition(index >= 0 && index < byteCount, "an octet is read within its span")
    return unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self)
  }

  /// A copy that may be kept.
  package func octets() -> [UInt8] {
    [UInt8](capacity: byteCount) { output in
      for index in 0..<byteCount { output.append(octet(at: index)) }
    }
  }

  /// Whether the bytes are exactly those of `text`.
  package func equals(_ text: StaticString) -> Bool {
    guard byteCount == text.utf8CodeUnitCount else { return false }
    return hasPrefix(text)
  }

  /// Whether the bytes are those of `text`, ASCII letters in either case; `text` is lower case.
  package func equalsIgnoringCase(_ text: StaticString) -> Bool {
    guard byteCount == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { wanted in
      for index in 0..<byteCount {
        let octet = octet(at: index)
        let lower = (0x41...0x5a).contains(octet) ? octet | 0x20 : octet
        if unsafe lower != wanted[index] { return false }
      }
      return true
    }
  }

  /// Whether the bytes begin with those of `text`.
  package func hasPrefix(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard byteCount >= count else { return false }
    return text.withUTF8Buffer { wanted in
      for index in 0..<count {
        if unsafe octet(at: index) != wanted[index] { return false }
      }
      return true
    }
  }
}

extension RawSpan {
  /// Whether the bytes are exactly `octets`.
  package func equals(_ octets: [UInt8]) -> Bool {
    guard byteCount == octets.count else { return false }
    for index in 0..<byteCount where octet(at: index) != octets[index] { return false }
    return true
  }
}
