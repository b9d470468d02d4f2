import Bytes

/// The head of a response. Every head has its length, none has an empty field value, a chunked
/// body or a redirect: OVMF hangs on an empty value, and firmware follows no redirect.
package struct HTTPResponseHead: Sendable {
  package var status: HTTPStatus
  /// Bytes of the body; of a reply to HEAD the bytes that GET would give.
  package var contentLength: UInt64
  package var contentType: HTTPContentType?
  package var keepsAlive: Bool
  /// Size and time of the file; nil for rendered text, which nobody may keep.
  package var entityTag: HTTPEntityTag?
  /// The part of the file that a 206 holds.
  package var part: (offset: UInt64, count: UInt64)?
  /// The methods that a 405 names as the ones to use.
  package var allow = "GET, HEAD"
  /// Further fields, for programs; firmware is sent none.
  package var fields: [Field] = []
  /// Whether the body ends with the connection; it then has no length.
  package var isEndless = false

  /// A field whose value we have made: it holds no line end and is not empty.
  package struct Field: Sendable {
    package var name: StaticString
    package var value: String

    package init(_ name: StaticString, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(_ status: HTTPStatus, contentLength: UInt64, keepsAlive: Bool) {
    self.status = status
    self.contentLength = contentLength
    self.keepsAlive = keepsAlive
  }

  /// Appends the head and its empty line.
  ///
  /// - Parameter date: The current time as ``HTTPDate`` writes it, or nothing: an origin server
  ///   without a clock sends no Date (RFC 9110 §6.6.1).
  package func encode(date: [UInt8], into writer: inout ByteWriter) {
    if status == .ok {
      writer.write(literal: "HTTP/1.1 200 OK\r\nServer: bootwire\r\n")
    } else {
      writer.write(literal: "HTTP/1.1 ")
      writer.writeDecimal(UInt64(status.rawValue))
      writer.write(literal: " ")
      writer.write(status.reason)
      writer.write(literal: "\r\nServer: bootwire\r\n")
    }
    if !date.isEmpty {
      writer.write(literal: "Date: ")
      writer.write(date)
      writer.write(literal: "\r\n")
    }
    if status != .notModified, status != .noContent, !isEndless {
      writer.write(literal: "Content-Length: ")
      writer.writeDecimal(contentLength)
      writer.write(literal: "\r\n")
    }
    if let contentType {
      writer.write(literal: "Content-Type: ")
      writer.write(contentType.rawValue)
      writer.write(literal: "\r\n")
    }
    encodeValidators(into: &writer)
    if status == .methodNotAllowed {
      writer.write(literal: "Allow: ")
      writer.write(allow)
      writer.write(literal: "\r\n")
    }
    for field in fields {
      writer.write(literal: field.name)
      writer.write(literal: ": ")
      writer.write(field.value)
      writer.write(literal: "\r\n")
    }
    // LPXELINUX speaks HTTP/1.0, so what 1.1 implies is said.
    writer.write(
      literal: keepsAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n")
  }

  private func encodeValidators(into writer: inout ByteWriter) {
    guard let entityTag else {
      if status == .ok { writer.write(literal: "Cache-Control: no-store\r\n") }
      return
    }
    if status == .partialContent || status == .rangeNotSatisfiable {
      writer.write(literal: "Content-Range: bytes ")
      if status == .partialContent, let part {
        writer.writeDecimal(part.offset)
        writer.write(literal: "-")
        writer.writeDecimal(part.offset + max(part.count, 1) - 1)
      } else {
        writer.write(literal: "*")
      }
      writer.write(literal: "/")
      writer.writeDecimal(entityTag.size)
      writer.write(literal: "\r\n")
    }
    writer.write(literal: "Last-Modified: ")
    HTTPDate(entityTag.modified).encode(into: &writer)
    writer.write(literal: "\r\nETag: ")
    entityTag.encode(into: &writer)
    writer.write(literal: "\r\nAccept-Ranges: bytes\r\n")
  }

  /// The interim response that lets a client send its body (RFC 9110 §15.2.1).
  package static let continuation = "HTTP/1.1 100 Continue\r\n\r\n"
}
