import Boot
import Bytes
import Network
import Services
import Testing
import Wire

@Suite struct HTTPServiceTests {
  private static func bench() -> HTTPBench {
    var bench = HTTPBench()
    bench.files["a/f.efi"] = Array("0123456789".utf8)
    bench.files["empty"] = []
    bench.catalog = Catalog(machines: [
      Machine(name: "rack3-07", macAddress: MACAddress("52:54:00:12:34:56"))
    ])
    return bench
  }

  @Test func aFileIsServedAndTheConnectionStays() {
    var bench = Self.bench()
    for _ in 0..<3 {
      let response = bench.get("/a/f.efi")
      #expect(response.status == 200)
      #expect(response.body == "0123456789")
      #expect(response.fields["Content-Length"] == "10")
      #expect(response.fields["Content-Type"] == "application/efi")
      #expect(response.fields["Connection"] == "keep-alive")
      #expect(response.fields["Accept-Ranges"] == "bytes")
      #expect(response.fields["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
    #expect(!bench.isClosed)
    #expect(
      bench.facts == [Fact](repeating: .fileServed(name: "a/f.efi", byteCount: 10, .zero), count: 3)
    )
  }

  @Test("Case 42: HEAD has the fields of GET")
  func headHasTheFieldsOfGET() {
    var bench = Self.bench()
    for path in ["/a/f.efi", "/empty", "/boot.ipxe", "/missing"] {
      let get = bench.get(path)
      let head = bench.get(path, method: "HEAD")
      #expect(head.fields == get.fields)
      #expect(head.status == get.status)
      #expect(head.body.isEmpty)
      #expect(get.fields["Content-Length"] == "\(get.body.utf8.count)")
    }
    // HEAD knows no ranges.
    #expect(bench.get("/a/f.efi", "Range: bytes=0-1", method: "HEAD").status == 200)
  }

  @Test(
    "Case 42: a range is served",
    arguments: [
      ("bytes=0-3", 206, "0123", "bytes 0-3/10"),
      ("bytes=4-", 206, "456789", "bytes 4-9/10"),
      ("bytes=-2", 206, "89", "bytes 8-9/10"),
      ("bytes=5-500", 206, "56789", "bytes 5-9/10"),
      ("bytes=10-", 416, "", "bytes */10"),
      ("bytes=0-1,4-5", 200, "0123456789", nil),
      ("lines=1-2", 200, "0123456789", nil),
    ] as [(String, Int, String, String?)])
  func aRangeIsServed(_ range: String, _ status: Int, _ body: String, _ part: String?) {
    var bench = Self.bench()
    let response = bench.get("/a/f.efi", "Range: \(range)")
    #expect(response.status == status)
    #expect(response.body == body)
    #expect(response.fields["Content-Range"] == part)
    #expect(response.fields["Content-Length"] == "\(body.utf8.count)")
  }

  @Test("Case 42: If-Range and the other conditions are kept")
  func conditionsAreKept() throws {
    var bench = Self.bench()
    let tag = try #require(bench.get("/a/f.efi").fields["ETag"])
    let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    for (fields, status) in [
      (["If-None-Match: \(tag)"], 304), (["If-None-Match: \"x\""], 200),
      (["If-None-Match: *"], 304), (["If-Modified-Since: \(date)"], 304),
      (["If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT"], 200),
      (["If-Modified-Since: rubbish"], 200),
      (["If-None-Match: \"x\"", "If-Modified-Since: \(date)"], 200),
      (["Range: bytes=0-1", "If-Range: \(tag)"], 206),
      (["Range: bytes=0-1", "If-Range: W/\(tag)"], 200),
      (["Range: bytes=0-1", "If-Range: \"x\""], 200),
      (["Range: bytes=0-1", "If-Range: \(date)"], 206),
      (["Range: bytes=0-1", "If-Range: Sun, 06 Nov 1994 08:49:38 GMT"], 200),
    ] {
      let response = bench.get("/a/f.efi", fields.joined(separator: "\r\n"))
      #expect(response.status == status, "\(fields)")
      if status == 304 { #expect(response.body.isEmpty) }
    }
    #expect(!bench.isClosed)
  }

  /// Case 41: the resources behind paths; the same names as with TFTP.
  @Test(
    "Case 41: a path names a file",
    arguments: [
      ("/a/f.efi", "a/f.efi"), ("//a//f.efi", "a/f.efi"), ("/./a/./f.efi", "a/f.efi"),
      ("/a%2ff.efi", "a/f.efi"), ("/a%5cf.efi", "a/f.efi"), ("/a\\f.efi", "a/f.efi"),
      ("/%61/f.efi", "a/f.efi"), ("/a/f.efi?x=%00", "a/f.efi"),
      ("http://any.host/a/f.efi", "a/f.efi"), ("/files/a/f.efi", "a/f.efi"),
      ("/a/%252e%252e/f", "a/%2e%2e/f"), ("/a;b/f", "a;b/f"), ("/a+b", "a+b"),
    ])
  func aPathNamesAFile(_ target: String, _ path: String) throws {
    var bench = Self.bench()
    _ = bench.get(target)
    #expect(bench.resources == [.file(.files, try #require(BootPath(path)))])
  }

  @Test(
    "Case 41: a path that names nothing is not found",
    arguments: [
      "/", "//", "/..", "/../a/f.efi", "/a/../a/f.efi", "/%2e%2e/a", "/a/%2e./f", "/a%2f..%2ff",
      "/a%5c..%5cf", "/%00", "/a%00.efi", "/%0a", "/%", "/%4", "/%zz", "/a%ff", "http://a",
      "/.%2e/x",
    ])
  func aPathThatNamesNothingIsNotFound(_ target: String) {
    var bench = Self.bench()
    let response = bench.get(target)
    #expect(response.status == 404)
    #expect(bench.resources.isEmpty)
    #expect(!bench.isClosed)
  }

  @Test(arguments: [
    ("/boot.ipxe", Resource.script(machine: nil)),
    ("/boot.ipxe?mac=52%3A54%3a00:12:34:56", .script(machine: "52-54-00-12-34-56")),
    ("/boot.ipxe?a=b&mac=52-54-00-12-34-56&c", .script(machine: "52-54-00-12-34-56")),
    ("/boot.ipxe?mac=rubbish", .script(machine: nil)),
    ("/machines/rack3-07/boot.ipxe", .script(machine: "rack3-07")),
    ("/machines/rack3-07/answers/ks.cfg", .answer(.name("rack3-07"), file: "ks.cfg")),
  ])
  func aTextIsRenderedForWhoAsks(_ target: String, _ resource: Resource) {
    var bench = Self.bench()
    let response = bench.get(target)
    #expect(bench.resources == [resource])
    #expect(response.status == 200)
    #expect(response.body == "#!ipxe\n")
    #expect(response.fields["Cache-Control"] == "no-store")
    #expect(response.fields["ETag"] == nil)
  }

  @Test func aReportIsTaken() {
    var bench = Self.bench()
    bench.send(
      "POST /machines/rack3-07/report HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
    #expect(bench.output.isEmpty)
    #expect(bench.connection.awaitsBody)
    bench.send("loGET /a/f.efi HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(bench.facts.first == .machineReported(text: "hello"))
    let text = String(decoding: bench.output, as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(text.hasSuffix("0123456789"))
    bench.output = []
    bench.send(
      "POST /machines/52-54-00-aa-bb-cc/report HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    #expect(bench.facts.last == .machineReported(text: ""))
    bench.output = []
    bench.send("POST /machines/nobody/report HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
    #expect(Response(bench.output).status == 404)
    #expect(!bench.isClosed)
  }

  @Test func aClientThatWaitsIsToldToContinue() {
    var bench = Self.bench()
    bench.send(
      "POST /machines/rack3-07/report HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
        + "Expect: 100-continue\r\n\r\n")
    #expect(String(decoding: bench.output, as: UTF8.self) == "HTTP/1.1 100 Continue\r\n\r\n")
    bench.output = []
    bench.send("hi")
    #expect(Response(bench.output).status == 200)
  }

  @Test(
    "Case 40: what is not served is refused",
    arguments: [
      ("POST /machines/rack3-07/report", "Content-Length: 65537", 413, true),
      ("POST /machines/rack3-07/report", "Content-Length: 18446744073709551615", 413, true),
      ("POST /machines/rack3-07/report", "X: y", 411, true),
      ("POST /a/f.efi", "Content-Length: 0", 405, false),
      ("POST /a/f.efi", "Content-Length: 9", 405, true),
      ("PUT /a/f.efi", "X: y", 405, false), ("DELETE /a/f.efi", "X: y", 405, false),
      ("OPTIONS *", "X: y", 405, false), ("CONNECT a:443", "X: y", 405, false),
      ("TRACE /a", "X: y", 405, false), ("GET /machines/rack3-07/report", "X: y", 405, false),
      ("GET /a/f.efi", "Transfer-Encoding: chunked", 501, true),
      ("GET /a/f.efi", "Content-Length: x", 400, true),
    ] as [(String, String, Int, Bool)])
  func whatIsNotServedIsRefused(
    _ line: String, _ field: String, _ status: Int, _ closes: Bool
  ) {
    var bench = Self.bench()
    bench.send("\(line) HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n")
    let response = Response(bench.output)
    #expect(response.status == status)
    #expect(bench.isClosed == closes)
    #expect(response.fields["Connection"] == (closes ? "close" : "keep-alive"))
    #expect(response.fields["Content-Length"] == "\(response.body.utf8.count)")
    let allowed = line.hasSuffix("report") ? "POST" : "GET, HEAD"
    #expect(response.fields["Allow"] == (status == 405 ? allowed : nil))
    #expect(bench.facts.contains { if case .requestDenied(_, status) = $0 { true } else { false } })
  }

  @Test func pipelinedRequestsAreAnsweredInTurn() {
    var bench = Self.bench()
    bench.drainsAtOnce = false
    let request = "GET /a/f.efi HTTP/1.1\r\nHost: a\r\n\r\n"
    bench.send(request + request + "GET /empty HTTP/1.0\r\n\r\n" + request)
    let text = String(decoding: bench.output, as: UTF8.self)
    #expect(text.components(of: "HTTP/1.1 200 OK") == 3)
    #expect(text.components(of: "0123456789") == 2)
    #expect(bench.isClosed)
  }

  @Test func aRequestMayComeByteByByte() {
    var bench = Self.bench()
    for octet in Array("GET /a/f.efi HTTP/1.1\r\nHost: a\r\n\r\n".utf8) { bench.send([octet]) }
    #expect(Response(bench.output).body == "0123456789")
  }

  @Test func aConnectionWithoutKeepAliveIsClosedAfterTheFile() {
    var bench = Self.bench()
    bench.send("GET /a/f.efi HTTP/1.0\r\n\r\n")
    #expect(bench.isClosed)
    #expect(Response(bench.output).fields["Connection"] == "close")
    bench = Self.bench()
    bench.send("GET /a/f.efi HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    #expect(!bench.isClosed)
    #expect(Response(bench.output).fields["Connection"] == "keep-alive")
  }

  @Test func aFileCutOffIsSaidSo() {
    var bench = Self.bench()
    bench.drainsAtOnce = false
    _ = bench.get("/a/f.efi")
    bench.actions.clear()
    bench.service.closed(&bench.connection, unsentByteCount: 6, into: &bench.actions)
    #expect(
      bench.actions.list == [
        .record(
          Event(
            .fileCut(name: "a/f.efi", byteCount: 4, of: 10),
            address: IPv4Address(10, 77, 1, 9)))
      ])
  }

  @Test("Case 43: nothing of Host or forwarded fields comes back")
  func nothingOfHostOrForwardedFieldsComesBack() {
    var bench = Self.bench()
    let response = bench.get(
      "/boot.ipxe", "X-Forwarded-For: 10.9.9.9", "X-Forwarded-Host: evil.test",
      "Forwarded: for=10.9.9.9;host=evil.test")
    #expect(!String(decoding: bench.output, as: UTF8.self).contains("evil"))
    #expect(response.status == 200)
  }

  @Test("Case 39: no changed octet of a request traps")
  func noBytesTrap() {
    let request = Array(
      ("POST /machines/rack3-07/report HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
        + "Range: bytes=0-1\r\nIf-Range: \"1-2\"\r\nConnection: close\r\n\r\nhello").utf8)
    var answered = 0
    for index in request.indices {
      for octet: UInt8 in [0, 1, 255] {
        var mutant = request
        mutant[index] = octet
        var bench = Self.bench()
        bench.send(mutant)
        if !bench.output.isEmpty { answered += 1 }
      }
    }
    #expect(answered > request.count)
  }
}

extension String {
  /// How often `text` occurs.
  fileprivate func components(of text: String) -> Int {
    let wanted = Array(text.utf8)
    let bytes = Array(utf8)
    guard bytes.count >= wanted.count else { return 0 }
    return (0...bytes.count - wanted.count).count { start in
      bytes[start..<start + wanted.count].elementsEqual(wanted)
    }
  }
}
