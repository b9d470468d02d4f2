import Bytes

extension RawSpan {
  /// The number that the bytes write in decimal digits and nothing else: no sign, no space, no
  /// exponent. Nil also when it is larger than 64 bits hold.
  package var decimal: UInt64? {
    guard byteCount > 0 else { return nil }
    var number: UInt64 = 0
    for index in 0..<byteCount {
      let digit = octet(at: index)
      guard (0x30...0x39).contains(digit) else { return nil }
      let (product, overflow) = number.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit - 0x30))
      guard !overflow, !carry else { return nil }
      number = sum
    }
    return number
  }

  /// Where `octet` is found first, at or after `start`.
  package func firstIndex(of octet: UInt8, from start: Int = 0) -> Int? {
    var index = start
    while index < byteCount {
      if self.octet(at: index) == octet { return index }
      index += 1
    }
    return nil
  }

  /// The bytes without spaces and tabs at either end (OWS, RFC 9110 §5.6.3).
  package var trimmed: RawSpan {
    @_lifetime(copy self)
    get {
      var start = 0
      var end = byteCount
      while start < end, Self.isBlank(octet(at: start)) { start += 1 }
      while end > start, Self.isBlank(octet(at: end - 1)) { end -= 1 }
      return extracting(start..<end)
    }
  }

  private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }
}
