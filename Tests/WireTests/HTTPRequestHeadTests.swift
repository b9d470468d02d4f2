import Bytes
import RecordedPackets
import Testing
import Wire

@Suite struct HTTPRequestHeadTests {
  /// What a test asks of a head.
  struct Reading: Equatable {
    var method: HTTPMethod
    var path: String
    var query: String
    var keepsAlive: Bool
    var length: Int
  }

  /// Reads a head as a connection does: the scanner, then the view.
  static func read(
    _ bytes: [UInt8], limits: HTTPLimits = HTTPLimits()
  ) throws(HTTPRefusal) -> Reading? {
    var scanner = HTTPHeadScanner()
    guard let length = try scanner.scan(bytes.rawSpan, limits: limits) else { return nil }
    let head = try HTTPRequestHead(checking: bytes.rawSpan.extracting(0..<length), limits: limits)
    return Reading(
      method: head.method, path: String(decoding: head.path.octets(), as: UTF8.self),
      query: String(decoding: head.query.octets(), as: UTF8.self), keepsAlive: head.keepsAlive,
      length: length)
  }

  static func read(_ text: String) throws(HTTPRefusal) -> Reading? { try read(Array(text.utf8)) }

  static let ipxe =
    "GET /boot.ipxe?mac=52%3A54 HTTP/1.1\r\nConnection: keep-alive\r\n"
    + "User-Agent: iPXE/1.0.0+git-20190125.36a4c85-5.1\r\nHost: 10.77.0.1\r\n\r\n"
  static let edk2 =
    "HEAD /snponly.efi HTTP/1.1\r\nHost: boot.lab.test\r\nAccept: */*\r\n"
    + "User-Agent: UefiHttpBoot/1.0\r\n\r\n"

  @Test(
    arguments: [
      (ipxe, .get, "/boot.ipxe", "mac=52%3A54", true),
      (edk2, .head, "/snponly.efi", "", true),
      ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .get, "/", "", true),
      ("GET // HTTP/1.1\r\nhost:a\r\n\r\n", .get, "//", "", true),
      ("GET /?a?b HTTP/1.1\r\nHost:\r\n\r\n", .get, "/", "a?b", true),
      ("GET / HTTP/1.1\r\nHost: [fe80::1]:80\r\nConnection: Close\r\n\r\n", .get, "/", "", false),
      ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x,\tclose , y\r\n\r\n", .get, "/", "", false),
      ("GET / HTTP/1.0\r\n\r\n", .get, "/", "", false),
      ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", .get, "/", "", true),
      ("GET / HTTP/1.9\r\nHost: a\r\n\r\n", .get, "/", "", true),
      ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .get, "/", "", true),
      ("GET http://a:80/x?y HTTP/1.1\r\nHost: b\r\n\r\n", .get, "/x", "y", true),
      ("GET HTTP://a HTTP/1.1\r\nHost: b\r\n\r\n", .get, "", "", true),
      ("GET http://a?q HTTP/1.1\r\nHost: b\r\n\r\n", .get, "", "q", true),
      ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", .other, "*", "", true),
      ("POST /r HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", .post, "/r", "", true),
    ] as [(String, HTTPMethod, String, String, Bool)])
  func aHeadIsRead(
    _ text: String, _ method: HTTPMethod, _ path: String, _ query: String, _ keepsAlive: Bool
  ) throws {
    let reading = try #require(try Self.read(text))
    #expect(reading.method == method)
    #expect(reading.path == path)
    #expect(reading.query == query)
    #expect(reading.keepsAlive == keepsAlive)
  }

  /// Case 39: what parsers have disagreed about is refused, and the connection closed.
  @Test(
    "Case 39: a field that parsers disagree about is refused",
    arguments: [
      ("Content-Length: 5\r\nTransfer-Encoding: chunked", .badRequest),
      ("Content-Length: 5\r\nContent-Length: 5", .badRequest),
      ("Content-Length: 5, 5", .badRequest),
      ("Content-Length: +5", .badRequest),
      ("Content-Length: -5", .badRequest),
      ("Content-Length: 0x5", .badRequest),
      ("Content-Length: 5 5", .badRequest),
      ("Content-Length:", .badRequest),
      ("Content-Length: 18446744073709551616", .badRequest),
      ("Transfer-Encoding: chunked", .notImplemented),
      ("Transfer-Encoding: Chunked", .notImplemented),
      ("Transfer-Encoding: chunked, identity", .badRequest),
      ("Transfer-Encoding: xchunked", .badRequest),
      ("Transfer-Encoding: chunked\u{b}", .badRequest),
      ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .badRequest),
      ("X: a\r\n folded", .badRequest),
      ("X: a\r\n\tfolded", .badRequest),
      ("X : a", .badRequest),
      ("X\t: a", .badRequest),
      (": a", .badRequest),
      ("X", .badRequest),
      ("X: a\nY: b", .badRequest),
      ("X: a\rY: b", .badRequest),
      ("X: a\r\r\nY: b", .badRequest),
      ("X: a\0b", .badRequest),
      ("X\0: b", .badRequest),
      ("X: a\u{1}b", .badRequest),
      ("X: a\u{7f}b", .badRequest),
      ("Xé: b", .badRequest),
      ("Host: b", .badRequest),
      ("Expect: 200-ok", .expectationFailed),
      ("Range: bytes=0-1\r\nRange: bytes=0-2", .badRequest),
    ] as [(String, HTTPStatus)])
  func aFieldThatParsersDisagreeAboutIsRefused(_ field: String, _ status: HTTPStatus) throws {
    let refusal = #expect(throws: HTTPRefusal.self) {
      _ = try Self.read("POST /r HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
    }
    #expect(refusal?.status == status)
  }

  @Test(
    "Case 39, case 41: an odd request line is refused",
    arguments: [
      ("GET /", .badRequest), ("GET  / HTTP/1.1", .badRequest), ("GET / HTTP/1.1 ", .badRequest),
      ("GET /a b HTTP/1.1", .badRequest), (" GET / HTTP/1.1", .badRequest),
      ("G@T / HTTP/1.1", .badRequest), ("GET a HTTP/1.1", .badRequest),
      ("GET * HTTP/1.1", .badRequest), ("GET http:/// HTTP/1.1", .badRequest),
      ("GET ftp://a/ HTTP/1.1", .badRequest), ("GET /\u{1} HTTP/1.1", .badRequest),
      ("GET / http/1.1", .badRequest), ("GET / HTTP/1", .badRequest),
      ("GET / HTTP/1.1x", .badRequest), ("GET / HTTP/2.0", .versionNotSupported),
      ("GET / HTTP/0.9", .versionNotSupported), ("PRI * HTTP/2.0", .versionNotSupported),
      ("GET /\(String(repeating: "a", count: 4096)) HTTP/1.1", .targetTooLong),
      ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1", .targetTooLong),
    ] as [(String, HTTPStatus)])
  func anOddRequestLineIsRefused(_ line: String, _ status: HTTPStatus) {
    let refusal = #expect(throws: HTTPRefusal.self) {
      _ = try Self.read("\(line)\r\nHost: a\r\n\r\n")
    }
    #expect(refusal?.status == status)
  }

  @Test func aRequestWithoutHostIsRefusedIn11AndTakenIn10() throws {
    let refusal = #expect(throws: HTTPRefusal.self) {
      _ = try Self.read("GET / HTTP/1.1\r\n\r\n")
    }
    #expect(refusal?.status == .badRequest)
    #expect(try Self.read("GET / HTTP/1.0\r\n\r\n") != nil)
  }

  @Test("Case 40: heads are bounded in bytes, fields and target")
  func headsAreBounded() {
    let many = String(repeating: "X: 1\r\n", count: 65)
    let long = "X: \(String(repeating: "a", count: 16 * 1024))\r\n"
    for fields in [many, long, String(repeating: "X: 1\r\n", count: 100_000)] {
      let refusal = #expect(throws: HTTPRefusal.self) {
        _ = try Self.read("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
      }
      #expect(refusal?.status == .headTooLarge)
    }
    // Bytes without a line end, as of a TLS client at the wrong port.
    let refusal = #expect(throws: HTTPRefusal.self) {
      _ = try Self.read([UInt8](repeating: 0x61, count: 5000))
    }
    #expect(refusal?.status == .targetTooLong)
    #expect(throws: HTTPRefusal.self) {
      _ = try Self.read([0x16, 3, 1, 0, 0x80])
    }
  }

  @Test func aHeadIsFoundWhereverItIsCut() throws {
    for text in [Self.ipxe, Self.edk2, "\r\nGET / HTTP/1.0\r\n\r\n"] {
      let bytes = Array(text.utf8)
      var scanner = HTTPHeadScanner()
      for count in 0..<bytes.count {
        let part = Array(bytes[..<count])
        let end = try scanner.scan(part.rawSpan, limits: HTTPLimits())
        #expect(end == nil)
      }
      // What follows the head is the next request's.
      let more = bytes + Array("GET".utf8)
      let end = try scanner.scan(more.rawSpan, limits: HTTPLimits())
      #expect(end == bytes.count)
    }
  }

  @Test("Case 39: no prefix or changed octet traps")
  func noPrefixOrChangedOctetTraps() {
    var decoded = 0
    let post =
      "POST /machines/a/report HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
      + "Range: bytes=0-1\r\nIf-Range: \"1-2\"\r\n\r\n"
    for text in [Self.ipxe, Self.edk2, post] {
      Mutants.each(of: Array(text.utf8)) { mutant in
        if (try? Self.read(mutant)) != nil { decoded += 1 }
      }
    }
    #expect(decoded > 100)
  }

  @Test(.enabled(if: CaptureFile.arePresent)) func everyRequestOfTheCapturesIsRead() throws {
    for file in try CaptureFile.all() {
      for frame in file.frames where frame.count > 54 && frame[12...13] == [8, 0] && frame[23] == 6
      {
        let start = 14 + 20 + Int(frame[46] >> 4) * 4
        guard start + 4 < frame.count else { continue }
        let payload = Array(frame[start...])
        let method = String(decoding: payload.prefix(4), as: UTF8.self)
        guard ["GET ", "HEAD", "POST"].contains(method) else { continue }
        let reading = try Self.read(payload)
        #expect(reading?.path.hasPrefix("/") == true, "\(file.name)")
      }
    }
  }
}
