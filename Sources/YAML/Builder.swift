/// Puts libyaml's events together to a tree, and refuses what has no meaning here.
struct Builder {
  private(set) var root: Node?
  private(set) var mistakes: [SyntaxMistake] = []

  /// The collections that are open, the outermost first.
  private var open: [Collection] = []
  private var documentCount = 0
  private var nodeCount = 0

  private struct Collection {
    var position: Position
    var isMapping: Bool
    var nodes: [Node] = []
    var entries: [Node.Entry] = []
    var keys: [String: Position] = [:]
    /// The key that waits for its value; its name is nil when it is to be left out.
    var key: (name: String?, position: Position)?
  }

  /// False: read no further.
  mutating func take(_ event: Event) -> Bool {
    nodeCount += 1
    if nodeCount > Document.nodeCountMax {
      return stop("more than \(Document.nodeCountMax) values, the most we take", at: .start)
    }
    switch event {
    case .documentStart(let position):
      documentCount += 1
      if documentCount > 1 {
        return stop("a second document begins here; one file holds one", at: position)
      }
    case .failure(let mistake): return stop(mistake.text, at: mistake.position)
    case .alias(let name, let position):
      report("an alias, *\(name); write the value out, aliases are not taken", at: position)
      add(Node(.broken, at: position))
    case .scalar(let text, let isPlain, let decoration, let position):
      let content = accept(decoration, .scalar(text, isPlain: isPlain), at: position)
      add(Node(content, at: position))
    case .sequenceStart(let decoration, let position):
      _ = accept(decoration, .broken, at: position)
      return begin(Collection(position: position, isMapping: false))
    case .mappingStart(let decoration, let position):
      _ = accept(decoration, .broken, at: position)
      return begin(Collection(position: position, isMapping: true))
    case .sequenceEnd, .mappingEnd: end()
    }
    return mistakes.count < Document.mistakeCountMax
  }

  private mutating func accept(
    _ decoration: Event.Decoration, _ content: Node.Content, at position: Position
  ) -> Node.Content {
    if let anchor = decoration.anchor {
      report("an anchor, &\(anchor); anchors and aliases are not taken", at: position)
    }
    guard let tag = decoration.tag else { return content }
    report("a tag, \(tag); the type follows from the key, tags are not taken", at: position)
    return .broken
  }

  private mutating func begin(_ collection: Collection) -> Bool {
    guard open.count < Document.depthMax else {
      return stop(
        "more than \(Document.depthMax) lists and mappings within one another",
        at: collection.position)
    }
    open.append(collection)
    return true
  }

  private mutating func end() {
    guard let collection = open.popLast() else { return }
    let content: Node.Content =
      collection.isMapping ? .mapping(collection.entries) : .sequence(collection.nodes)
    add(Node(content, at: collection.position))
  }

  private mutating func add(_ node: Node) {
    guard var collection = open.popLast() else {
      root = node
      return
    }
    defer { open.append(collection) }
    guard collection.isMapping else {
      collection.nodes.append(node)
      return
    }
    if let key = collection.key {
      collection.key = nil
      guard let name = key.name else { return }
      collection.entries.append(Node.Entry(key: name, position: key.position, value: node))
      return
    }
    collection.key = (name: nil, position: node.position)
    guard case .scalar(let name, _) = node.content else {
      if node.content != .broken { report("a key must be a text", at: node.position) }
      return
    }
    if let first = collection.keys[name] {
      report(
        "\"\(name)\" stands here a second time; it is set in line \(first.line) already",
        at: node.position)
      return
    }
    collection.keys[name] = node.position
    collection.key?.name = name
  }

  private mutating func report(_ text: String, at position: Position) {
    mistakes.append(SyntaxMistake(text: text, position: position))
  }

  /// The tree is not whole: without it nothing else can be said of the file.
  private mutating func stop(_ text: String, at position: Position) -> Bool {
    report(text, at: position)
    root = nil
    open = []
    return false
  }
}
