/// A list of texts in one column: each after its length, four octets, the highest first.
enum TextList {
  static func octets(_ texts: [String]) -> [UInt8] {
    var octets: [UInt8] = []
    for text in texts {
      let count = UInt32(clamping: text.utf8.count)
      octets += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
      octets += text.utf8
    }
    return octets
  }

  /// Nil for octets that are no such list: damage that SQLite itself cannot see.
  static func texts(_ octets: [UInt8]) -> [String]? {
    var texts: [String] = []
    var rest = octets[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard count <= rest.count,
        let text = String(validating: rest.prefix(count), as: UTF8.self)
      else { return nil }
      texts.append(text)
      rest = rest.dropFirst(count)
    }
    return texts
  }

  /// A dictionary as names and values in turn, sorted, so that equal ones are equal octets.
  static func octets(_ pairs: [String: String]) -> [UInt8] {
    octets(pairs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
  }

  static func pairs(_ octets: [UInt8]) -> [String: String]? {
    guard let texts = texts(octets), texts.count.isMultiple(of: 2) else { return nil }
    var pairs: [String: String] = [:]
    for index in stride(from: 0, to: texts.count, by: 2) { pairs[texts[index]] = texts[index + 1] }
    return pairs
  }
}
