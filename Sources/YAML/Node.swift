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

    package init(key: String, position: Position, value: Node) {
      self.key = key
      self.position = position
      self.value = value
    }
  }

  package var content: Content
  package var position: Position

  package init(_ content: Content, at position: Position) {
    self.content = content
    self.position = position
  }
}

extension Node {
  /// The scalar's text; nil for all else.
  package var text: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }

  /// The mapping's entries; none for all else.
  package var entries: [Entry] {
    guard case .mapping(let entries) = content else { return [] }
    return entries
  }

  /// The value of a mapping's key. Setting nil takes the key out, a new key stands last; both do
  /// nothing to what is no mapping.
  package subscript(key: String) -> Node? {
    get { entries.first { $0.key == key }?.value }
    set {
      guard case .mapping(var entries) = content else { return }
      let index = entries.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): entries[index].value = value
      case (let index?, nil): entries.remove(at: index)
      case (nil, let value?):
        entries.append(Entry(key: key, position: value.position, value: value))
      case (nil, nil): return
      }
      content = .mapping(entries)
    }
  }
}
