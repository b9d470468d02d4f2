/// Where a frame of the capture holds bytes of a file or a body, so that they can be zeroed there.
package struct FramePiece: Hashable, Sendable {
  /// The frame's number, as in ``Wire/Frame/number``.
  package let frame: Int
  /// The first byte, in the frame's octets.
  package let offset: Int
  package let count: Int
  /// Where the first byte lies in the content. Bytes that were sent twice have a piece each.
  package let contentOffset: Int

  package init(frame: Int, offset: Int, count: Int, contentOffset: Int) {
    self.frame = frame
    self.offset = offset
    self.count = count
    self.contentOffset = contentOffset
  }
}
