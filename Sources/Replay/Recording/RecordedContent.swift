/// A file or text as a recording holds it.
package struct RecordedContent: Hashable, Sendable {
  /// Its bytes; zeros where the recording was elided, and only the beginning of a transfer that ended early.
  package var octets: [UInt8]
  /// The whole length, where the recording says it: by an end, a tsize or a Content-Length.
  package var byteCount: Int?
  /// Whether the bytes were replaced by zeros when the recording was made fit for others.
  package var isElided: Bool

  package init(octets: [UInt8], byteCount: Int?, isElided: Bool = false) {
    self.octets = octets
    self.byteCount = byteCount
    self.isElided = isElided
  }

  package var isWhole: Bool { byteCount == octets.count }
}
