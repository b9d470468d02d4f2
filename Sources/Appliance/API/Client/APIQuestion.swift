/// One request to an appliance.
package struct APIQuestion: Sendable {
  package var method: String
  /// Below `/api/v1`; each part is escaped as it needs.
  package var path: [String]
  package var query: [(name: String, value: String)]
  /// Further fields of the head, as If-Match.
  package var fields: [(name: String, value: String)]
  /// JSON, unless ``type`` says otherwise.
  package var body: [UInt8]?
  package var type = "application/json"

  /// - Parameter path: Its parts as they are: `["machines", "rack3-07"]`.
  package init(
    _ method: String, _ path: [String], query: [(name: String, value: String)] = [],
    fields: [(name: String, value: String)] = [], body: [UInt8]? = nil
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.body = body
  }

  /// The request as it is sent.
  func octets(host: String, token: String?) -> [UInt8] {
    var target = "/api/v1"
    for part in path { target += "/" + PercentText.escaped(part) }
    var mark = "?"
    for (name, value) in query {
      target += "\(mark)\(PercentText.escaped(name))=\(PercentText.escaped(value))"
      mark = "&"
    }
    var head = "\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
    if let token { head += "Authorization: Bearer \(token)\r\n" }
    for (name, value) in fields { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n" }
    if body == nil, method != "GET", method != "HEAD" { head += "Content-Length: 0\r\n" }
    return Array((head + "\r\n").utf8) + (body ?? [])
  }
}

/// Text with percent signs (RFC 3986 §2.1).
enum PercentText {
  /// All but the unreserved characters are escaped.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for octet in text.utf8 {
      switch octet {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
        escaped.unicodeScalars.append(Unicode.Scalar(octet))
      case _:
        let digits = String(octet, radix: 16, uppercase: true)
        escaped += "%" + String(repeating: "0", count: 2 - digits.utf8.count) + digits
      }
    }
    return escaped
  }

  /// The octets that are meant; nil when a percent sign has no two digits behind it.
  static func octets(_ text: [UInt8]) -> [UInt8]? {
    var octets: [UInt8] = []
    var index = 0
    while index < text.count {
      guard text[index] == 0x25 else {
        octets.append(text[index])
        index += 1
        continue
      }
      guard index + 2 < text.count, let high = digit(text[index + 1]),
        let low = digit(text[index + 2])
      else { return nil }
      octets.append(high << 4 | low)
      index += 3
    }
    return octets
  }

  private static func digit(_ octet: UInt8) -> UInt8? {
    switch octet {
    case 0x30...0x39: octet - 0x30
    case 0x41...0x46: octet - 0x41 + 10
    case 0x61...0x66: octet - 0x61 + 10
    case _: nil
    }
  }
}
