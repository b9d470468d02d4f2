/// A value of a YAML document, with its place.
///
/// Scalars stay texts: what `no` or `010` means is for whoever knows which type its key wants.
package struct Node: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    /// `isPlain`: written without quotes, so that an empty one is YAML's null.
    case scalar(String, isPlain: Bool)
    case sequence([Node])
    case mapping([Entry])
    /// A mistake was found here and told; nothing more is to be said of it.
    case broken
  }

  /// A key with its value, in the order of the text; no key stands twice.
  package struct Entry: Hashable, Sendable {
    package var key: String
    package var position: Position
    package var value: Node
  }

  package var content: Content
  package var position: Position

  package init(_ content: Content, at position: Position) {
    self.content = content
    self.position = position
  }
}
