extension Array where Element == UInt8 {
  /// The octets, borrowed.
  package var rawSpan: RawSpan {
    @_lifetime(borrow self)
    get {
      let span = self.span
      return unsafe span.bytes
    }
  }
}
