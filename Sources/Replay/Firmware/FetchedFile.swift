/// A file that a program fetched.
struct FetchedFile: Sendable {
  let url: BootURL
  let byteCount: Int
  /// Its first bytes; nil when they are not known.
  let head: [UInt8]?

  /// Enough for every script and menu, and for what tells a program.
  static let mostKept = 256 * 1024

  init(url: BootURL, byteCount: Int, head: [UInt8]?) {
    self.url = url
    self.byteCount = byteCount
    // A recording without its payload holds zeros in place of it.
    self.head = head.flatMap { head in
      head.isEmpty || head.contains { $0 != 0 } ? head : nil
    }
  }

  /// The file as text; nil when its bytes are not known, or it is longer than any script.
  var text: String? {
    guard let head, head.count == byteCount else { return nil }
    return String(decoding: head, as: UTF8.self)
  }
}
