import Bytes
import Foundation
import Network
import Testing
import Wire

@Suite struct HTTPResponseTests {
  /// Case 42, of 1000 bytes.
  @Test(
    "Case 42: a range selects one part, or all",
    arguments: [
      ("bytes=0-99", .part(offset: 0, count: 100)),
      ("Bytes=0-0", .part(offset: 0, count: 1)),
      ("bytes=500-", .part(offset: 500, count: 500)),
      ("bytes=999-", .part(offset: 999, count: 1)),
      ("bytes=0-5000", .part(offset: 0, count: 1000)),
      ("bytes=-100", .part(offset: 900, count: 100)),
      ("bytes=-5000", .part(offset: 0, count: 1000)),
      ("bytes=1000-", .unsatisfiable),
      ("bytes=1000-2000", .unsatisfiable),
      ("bytes=-0", .unsatisfiable),
      ("bytes=0-18446744073709551615", .part(offset: 0, count: 1000)),
      ("bytes=18446744073709551615-", .unsatisfiable),
      ("bytes=99999999999999999999-", .whole),
      ("bytes=5-2", .whole),
      ("bytes=0-1,5-6", .whole),
      ("bytes=" + String(repeating: "0-1,", count: 1000) + "0-1", .whole),
      ("bytes=", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=1", .whole),
      ("items=0-1", .whole), ("", .whole), ("bytes=+1-2", .whole), ("bytes=0x1-2", .whole),
    ] as [(String, HTTPSelection)])
  func aRangeSelects(_ text: String, _ expected: HTTPSelection) {
    let bytes = Array(text.utf8)
    let range = HTTPByteRange(bytes.rawSpan)
    #expect(range.selection(of: 1000) == expected)
  }

  @Test("Case 42: nothing of an empty file can be selected")
  func nothingOfAnEmptyFileCanBeSelected() {
    let open = Array("bytes=0-".utf8)
    let suffix = Array("bytes=-1".utf8)
    for range in [HTTPByteRange(open.rawSpan), HTTPByteRange(suffix.rawSpan)] {
      #expect(range.selection(of: 0) == .unsatisfiable)
    }
    #expect(HTTPByteRange.whole.selection(of: 0) == .whole)
  }

  @Test func aTagIsFoundInALine() {
    let tag = HTTPEntityTag(modified: UnixTime(nanoseconds: 0x1234_5678), size: 0xa0)
    var writer = ByteWriter()
    tag.encode(into: &writer)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"12345678-a0\"")
    for (text, isListed) in [
      ("\"12345678-a0\"", true), ("W/\"12345678-a0\"", true), ("*", true),
      ("\"x\", \"12345678-a0\"", true), ("\"12345678-A0\"", false), ("12345678-a0", false),
      ("\"12345678-a1\"", false), ("\"012345678-a0\"", false), ("\"\"", false), ("\"", false),
      ("", false), ("\"-\"", false),
    ] {
      let bytes = Array(text.utf8)
      let found = tag.isListed(in: bytes.rawSpan)
      #expect(found == isListed, "\(text)")
    }
    let weak = Array("W/\"12345678-a0\"".utf8)
    let isWeaklyEqual = tag.isExactly(weak.rawSpan)
    #expect(!isWeaklyEqual)
    let strong = writer.bytes
    let isEqual = tag.isExactly(strong.rawSpan)
    #expect(isEqual)
    let zero = HTTPEntityTag(modified: UnixTime(nanoseconds: 0), size: 0)
    writer.clear()
    zero.encode(into: &writer)
    let written = writer.bytes
    let isZero = zero.isExactly(written.rawSpan)
    #expect(isZero)
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777),
      ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
      ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_199),
      ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
      ("Tue, 29 Feb 2023 00:00:00 GMT", nil),
      ("Wed, 31 Dec 1969 23:59:59 GMT", nil),
      ("Sun, 00 Nov 1994 08:49:37 GMT", nil),
      ("Sun, 06 Nov 1994 24:00:00 GMT", nil),
      ("Sun, 06 Nov 1994 08:49:37 CET", nil),
      ("Sun, 06 Now 1994 08:49:37 GMT", nil),
      ("Sun, 06 Nov 1994 08:49:37", nil), ("", nil), (",", nil), ("784111777", nil),
    ] as [(String, Int64?)])
  func aDateIsRead(_ text: String, _ seconds: Int64?) {
    let bytes = Array(text.utf8)
    let date = HTTPDate(bytes.rawSpan)
    #expect(date?.seconds == seconds)
    Mutants.each(of: bytes) { mutant in
      if let date = HTTPDate(mutant.rawSpan) { #expect(date.seconds >= 0) }
    }
  }

  @Test func datesAreWrittenAsTheyAreRead() {
    var writer = ByteWriter()
    var second: Int64 = 0
    while second < 253_402_300_799 {
      writer.clear()
      HTTPDate(seconds: second).encode(into: &writer)
      let bytes = writer.bytes
      #expect(bytes.count == 29)
      let date = HTTPDate(bytes.rawSpan)
      #expect(date?.seconds == second)
      second += 86400 * 97 + 12_345
    }
    writer.clear()
    HTTPDate(seconds: 784_111_777).encode(into: &writer)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test("Case 45: a head has its length and no empty value")
  func aHeadHasItsLengthAndNoEmptyValue() {
    var head = HTTPResponseHead(.partialContent, contentLength: 100, keepsAlive: true)
    head.contentType = HTTPContentType(forName: "a/b.EFI")
    head.entityTag = HTTPEntityTag(modified: UnixTime(seconds: 784_111_777), size: 1000)
    head.part = (offset: 900, count: 100)
    var writer = ByteWriter()
    head.encode(date: [], into: &writer)
    #expect(
      String(decoding: writer.bytes, as: UTF8.self) == """
        HTTP/1.1 206 Partial Content\r
        Server: bootwire\r
        Content-Length: 100\r
        Content-Type: application/efi\r
        Content-Range: bytes 900-999/1000\r
        Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r
        ETag: "ae1b981bc490a00-3e8"\r
        Accept-Ranges: bytes\r
        Connection: keep-alive\r
        \r

        """)
    let all: [HTTPStatus] = [
      .ok, .noContent, .partialContent, .notModified, .badRequest, .forbidden, .notFound,
      .methodNotAllowed, .requestTimeout, .lengthRequired, .contentTooLarge, .targetTooLong,
      .rangeNotSatisfiable, .expectationFailed, .headTooLarge, .internalError, .notImplemented,
      .unavailable, .versionNotSupported,
    ]
    for status in all {
      head.status = status
      writer.clear()
      head.encode(date: Array("Sun, 06 Nov 1994 08:49:37 GMT".utf8), into: &writer)
      let lines = String(decoding: writer.bytes, as: UTF8.self).components(separatedBy: "\r\n")
      #expect(lines.suffix(2) == ["", ""])
      for line in lines.dropFirst().dropLast(2) {
        let parts = line.split(separator: ":", maxSplits: 1)
        #expect(parts.count == 2 && parts[1].count > 1, "\(line)")
      }
      let hasLength = lines.contains { $0.hasPrefix("Content-Length: ") }
      #expect(hasLength == (status != .notModified && status != .noContent))
      #expect(!lines.contains { $0.hasPrefix("Location") || $0.hasPrefix("Transfer-Encoding") })
    }
  }

  @Test(arguments: [
    ("boot.ipxe", HTTPContentType.plainText), ("a/ks.cfg", .plainText), ("BOOTX64.EFI", .program),
    ("linux", .octets), ("", .octets), ("a.b/linux", .octets), ("initrd.gz", .gzip),
    ("x.", .octets), (".efi", .program), ("user-data.yaml", .yaml), ("vmlinuz-6.1.0-1", .octets),
  ])
  func aTypeIsToldByTheName(_ name: String, _ type: HTTPContentType) {
    #expect(HTTPContentType(forName: name) == type)
  }
}
