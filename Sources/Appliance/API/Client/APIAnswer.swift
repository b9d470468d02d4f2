import FoundationEssentials

/// What an appliance answered.
package struct APIAnswer: Sendable {
  package var status: Int
  /// By name in lower case.
  package var fields: [String: String]
  package var body: [UInt8]

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// The body as a report; throws what is wrong with it.
  package func read<Report: Decodable>(_ type: Report.Type) throws(APIFailure) -> Report {
    do { return try JSONDecoder().decode(type, from: Data(body)) } catch {
      throw APIFailure("the appliance's answer is not understood: is it of another version?")
    }
  }

  /// Why it refused; nil when it did not.
  package var problem: APIProblem? {
    guard !isSuccess else { return nil }
    let told = try? JSONDecoder().decode(APIProblem.self, from: Data(body))
    return told ?? APIProblem(status: status, title: "the appliance refused with status \(status)")
  }
}

/// Takes an answer's bytes as they come.
struct APIAnswerReading {
  /// The answer without its body, once the head is there.
  private(set) var head: APIAnswer?
  private var bytes: [UInt8] = []
  private var length: Int?
  private let isHead: Bool

  init(isHead: Bool) { self.isHead = isHead }

  /// Bytes at hand.
  var count: Int { bytes.count }

  /// Whether nothing more can come; without a length only the connection's end tells.
  var isWhole: Bool { head != nil && (isHead || length.map { bytes.count >= $0 } ?? false) }

  /// The answer with all that came of its body; nil without a head, or when the body was cut.
  var answer: APIAnswer? {
    guard var answer = head else { return nil }
    if isHead { return answer }
    if let length {
      guard bytes.count >= length else { return nil }
      answer.body = Array(bytes[..<length])
    } else {
      answer.body = bytes
    }
    return answer
  }

  mutating func take(_ more: [UInt8]) {
    bytes += more
    while head == nil, let end = endOfHead {
      let text = String(decoding: bytes[..<end], as: UTF8.self)
      bytes.removeFirst(end)
      head = Self.head(text)
      // Interim answers come before the one that is meant (RFC 9110 §15.2).
      if let status = head?.status, (100..<200).contains(status) { head = nil }
    }
    length = head?.fields["content-length"].flatMap { Int($0) }
  }

  /// What has come of the body, which is then gone.
  mutating func takeBody() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  private var endOfHead: Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...(bytes.count - 4)).first {
      bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10
    }
    .map { $0 + 4 }
  }

  private static func head(_ text: String) -> APIAnswer {
    var lines = text.split(separator: "\r\n").makeIterator()
    let words = lines.next()?.split(separator: " ") ?? []
    let isHTTP = words.first?.hasPrefix("HTTP/1.") ?? false
    var answer = APIAnswer(
      status: isHTTP && words.count > 1 ? Int(words[1]) ?? 0 : 0, fields: [:], body: [])
    while let line = lines.next() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      answer.fields[line[..<colon].lowercased()] = String(value)
    }
    return answer
  }
}
