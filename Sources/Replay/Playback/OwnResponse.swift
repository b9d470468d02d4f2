/// A response of ours put together from what left on a connection.
package struct OwnResponse: Sendable {
  package let status: Int
  package let head: [UInt8]
  /// nil where the file's bytes are not known.
  package let body: [UInt8]?
  /// Bytes behind the head.
  package let byteCount: Int
  private let isHead: Bool

  /// nil when nothing that is a response has left. Of several, as after 100 Continue, the last.
  package init?(_ outcomes: [Outcome], isHead: Bool) {
    var bytes: [UInt8] = []
    var file: WorldFile?
    var part = (offset: 0, count: 0)
    for outcome in outcomes {
      switch outcome {
      case .responded(_, let octets):
        bytes = bytes.starts(with: "HTTP/1.1 100".utf8) ? octets : bytes + octets
      case .respondedFile(_, let sent, let offset, let count):
        file = sent
        part = (offset, count)
      case .sent, .closed, .stored, .erased, .kept, .decided, .asked, .recorded: break
      }
    }
    guard let end = Self.endOfHead(bytes), let status = Self.status(bytes) else { return nil }
    self.status = status
    head = Array(bytes[..<end])
    if let file {
      byteCount = part.count
      body = file.octets == nil ? nil : file.octets(from: part.offset, count: part.count)
    } else {
      let rest = Array(bytes[end...])
      body = rest
      byteCount = rest.count
    }
    self.isHead = isHead
  }

  /// What a client takes amiss in it (RFC 9112 §6.3): it reads as many bytes as the head says, and
  /// takes the rest for the next response's.
  package var refusals: [Refusal] {
    var refusals: [Refusal] = []
    let length = RecordedHead(head).length
    switch length {
    case .counted(let count) where !isHead && count != byteCount:
      refusals.append(
        Refusal("Content-Length", "is \(count), and \(byteCount) bytes follow"))
    case .counted: break
    case .unsaid where hasNoBody: break
    // UEFI HTTP Boot asks for the length before anything else.
    case .unsaid, .chunked, .invalid:
      refusals.append(Refusal("Content-Length", "is not said"))
    }
    if isHead, byteCount > 0 {
      refusals.append(Refusal("HEAD", "is answered with \(byteCount) bytes of a body"))
    }
    if let name = emptyField { refusals.append(Refusal(name, "has no value: OVMF hangs")) }
    return refusals
  }

  /// What the head says of the length of the body.
  var contentLength: Int? {
    if case .counted(let count) = RecordedHead(head).length { count } else { nil }
  }

  /// RFC 9110 §6.4.1.
  private var hasNoBody: Bool { status == 204 || status == 304 }

  /// The name of a field that has no value.
  private var emptyField: String? {
    for line in head.split(separator: 0x0a) {
      let text = line.filter { $0 != 0x0d && $0 != 0x20 && $0 != 0x09 }
      if text.count > 1, text.last == 0x3a {
        return String(decoding: text.dropLast(), as: UTF8.self)
      }
    }
    return nil
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...(bytes.count - 4)
    where bytes[index] == 0x0d && bytes[index + 1] == 0x0a && bytes[index + 2] == 0x0d
      && bytes[index + 3] == 0x0a
    {
      return index + 4
    }
    return nil
  }

  private static func status(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 12 else { return nil }
    return Int(String(decoding: bytes[9..<12], as: UTF8.self))
  }
}
