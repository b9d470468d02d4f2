/// The parts of an HTTP response as a virtual appliance gave them, one after another.
struct ResponseParts: Sendable {
  /// The head, and the body of a text.
  var octets: [UInt8] = []
  private var fileByteCount = 0
  /// nil once a part is only known by its length.
  private var file: [UInt8]? = []

  /// Of larger files nobody reads the bytes.
  private static let mostKept = 1 << 20

  mutating func append(_ file: WorldFile, offset: Int, count: Int) {
    fileByteCount += count
    if file.octets == nil || fileByteCount > Self.mostKept {
      self.file = nil
    } else {
      self.file? += file.octets(from: offset, count: count)
    }
  }

  /// What the client takes it for.
  var response: ClientResponse {
    let head = Self.head(of: octets)
    let text = Array(octets[head.count...])
    return ClientResponse(
      status: Self.status(of: head), head: Array(head), body: file.map { text + $0 },
      bodyByteCount: text.count + fileByteCount)
  }

  private static func head(of octets: [UInt8]) -> ArraySlice<UInt8> {
    let mark = Array("\r\n\r\n".utf8)
    guard octets.count >= mark.count else { return octets[...] }
    for end in mark.count...octets.count where octets[(end - mark.count)..<end].elementsEqual(mark)
    {
      return octets[..<end]
    }
    return octets[...]
  }

  /// The three digits after `HTTP/1.1 `; 0 when there are none.
  private static func status(of head: ArraySlice<UInt8>) -> Int {
    let words = head.prefix { $0 != 0x0d }.split(separator: 0x20)
    guard words.count > 1 else { return 0 }
    return Int(String(decoding: words[1], as: UTF8.self)) ?? 0
  }
}
