/// A file that a program fetched.
struct FetchedFile: Sendable {
  let url: BootURL
  let byteCount: Int
  /// Its first bytes; nil when they are not known.
  let head: [UInt8]?

  /// Whether it is another server's, which is not in this world: taken to be there, and not known.
  let isElsewhere: Bool

  /// Enough for every script and menu, and for what tells a program.
  static let mostKept = 256 * 1024

  init(url: BootURL, byteCount: Int, head: [UInt8]?, isElsewhere: Bool = false) {
    self.url = url
    self.isElsewhere = isElsewhere
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

  /// What becomes of a boot that goes on with a text that nobody here can read.
  func unread(at step: BootStep) -> Turn {
    isElsewhere
      ? .end(.booted(how: "goes on with \(url), which is another server's"))
      : .fail(step, "\(url): its text is not in the recording")
  }
}
