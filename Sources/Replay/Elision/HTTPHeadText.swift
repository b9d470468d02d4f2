/// What the head of a recorded message says of its body, read as leniently as clients do: others'
/// servers made it, and nothing is decided by it but which octets stay.
struct HTTPHeadText: Sendable {
  /// Octets, the empty line included.
  let count: Int
  /// The words of its first line.
  let words: [ArraySlice<UInt8>]
  private(set) var contentLength: Int?
  private(set) var isChunked = false
  private(set) var host: ArraySlice<UInt8>?

  /// The longest that is looked for.
  static let longest = 65_536

  /// Nil where the octets do not begin with a whole head.
  init?(_ octets: [UInt8]) {
    guard let end = Self.end(of: octets) else { return nil }
    count = end
    let lines = octets[..<end].split(separator: 0x0a).map { line in
      line.last == 0x0d ? line.dropLast() : line
    }
    // A client may have sent an empty line after the last body (RFC 9112 §2.2).
    guard let first = lines.firstIndex(where: { !$0.isEmpty }) else { return nil }
    words = lines[first].split(separator: 0x20, maxSplits: 2)
    for line in lines[(first + 1)...] { take(line) }
  }

  var isResponse: Bool { words.first?.starts(with: Self.version) == true && status != nil }

  var isRequest: Bool {
    words.count == 3 && words[2].starts(with: Self.version)
      && words[0].allSatisfy { (0x41...0x5a).contains($0) }
  }

  var status: Int? {
    words.count > 1 ? Int(String(decoding: words[1], as: UTF8.self)) : nil
  }

  private static let version = Array("HTTP/1.".utf8)

  /// Behind the first empty line.
  private static func end(of octets: [UInt8]) -> Int? {
    var lineIsEmpty = false
    for (index, octet) in octets.enumerated() {
      if octet == 0x0a {
        if lineIsEmpty { return index + 1 }
        lineIsEmpty = true
      } else if octet != 0x0d {
        lineIsEmpty = false
      }
    }
    return nil
  }

  private mutating func take(_ line: ArraySlice<UInt8>) {
    guard let colon = line.firstIndex(of: 0x3a) else { return }
    let blanks: Set<UInt8> = [0x20, 0x09]
    let value = line[(colon + 1)...].drop(while: blanks.contains)
    switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
    case "content-length":
      contentLength = Int(String(decoding: value.prefix { !blanks.contains($0) }, as: UTF8.self))
        .flatMap { $0 >= 0 && $0 < 1 << 40 ? $0 : nil }
    case "transfer-encoding":
      isChunked = String(decoding: value, as: UTF8.self).lowercased().contains("chunked")
    case "host": host = value
    default: break
    }
  }
}
