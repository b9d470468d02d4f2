import Boot
import Testing

/// Cases 22 and 41: names as strangers write them.
@Suite struct BootPathTests {
  static let rows: [(name: [UInt8], path: String?)] = [
    (Array("a".utf8), "a"), (Array("/a".utf8), "a"), (Array("//a//b".utf8), "a/b"),
    (Array("./a/./b".utf8), "a/b"), (Array("a/".utf8), "a"), (Array("a\\b\\c".utf8), "a/b/c"),
    (Array("\\\\a".utf8), "a"), (Array("..".utf8), nil), (Array("../a".utf8), nil),
    (Array("a/../b".utf8), nil), (Array("a/..".utf8), nil), (Array("..\\a".utf8), nil),
    (Array("a\\..\\b".utf8), nil), (Array("/../../etc/passwd".utf8), nil), (Array("".utf8), nil),
    (Array("/".utf8), nil), (Array(".".utf8), nil), (Array("\\/.\\".utf8), nil),
    (Array("a\0b".utf8), nil), (Array("a\0".utf8), nil), (Array("a\nb".utf8), nil),
    (Array("a\u{7f}".utf8), nil), (Array("\u{1b}[2J".utf8), nil), ([0xff, 0xfe], nil),
    ([0x61, 0xc0, 0xaf, 0x62], nil),  // an overlong slash
    (Array("a.efi".utf8) + [0xff], nil), (Array("...".utf8), "..."), (Array("..a".utf8), "..a"),
    (Array("a..".utf8), "a.."), (Array(".hidden".utf8), ".hidden"), (Array("a. ".utf8), "a. "),
    (Array("C:\\boot.wim".utf8), "C:/boot.wim"), (Array("%2e%2e/a".utf8), "%2e%2e/a"),
    (Array("a;b=c".utf8), "a;b=c"), (Array("*".utf8), "*"), (Array("ä/ö".utf8), "ä/ö"),
    // A combining mark after a slash must not hide it.
    (Array("a/\u{301}/../b".utf8), nil), (Array("a/\u{301}b".utf8), "a/\u{301}b"),
    (Array("..\u{301}/a".utf8), "..\u{301}/a"),
    (Array("http://host/a".utf8), "http:/host/a"),
    ([UInt8](repeating: 0x61, count: 1024), String(repeating: "a", count: 1024)),
    ([UInt8](repeating: 0x61, count: 1025), nil),
    (
      Array(String(repeating: "a/", count: 512).utf8),
      Array(repeating: "a", count: 512).joined(separator: "/")
    ),
  ]

  @Test("Case 22, case 41: no name leaves its tree", arguments: rows)
  func aNameStaysInItsTreeOrIsNone(_ row: (name: [UInt8], path: String?)) {
    let path = BootPath(row.name)
    #expect(path?.description == row.path)
    for component in path?.components ?? [] {
      #expect(!component.isEmpty && component != "." && component != "..")
    }
  }

  @Test func everyPairOfOctetsIsAPathOrNone() {
    for high in 0...255 as ClosedRange<UInt8> {
      for low in 0...255 as ClosedRange<UInt8> {
        let components = BootPath([high, low])?.components ?? []
        #expect(!components.contains { $0.isEmpty || $0 == ".." || $0.contains("\0") })
      }
    }
  }

  static let resources: [(String, Resource)] = [
    ("/boot.ipxe", .script(machine: nil)), ("//boot.ipxe", .script(machine: nil)),
    ("/machines/rack3/boot.ipxe", .script(machine: "rack3")),
    ("/machines/rack3/answers/ks.cfg", .answer(.name("rack3"), file: "ks.cfg")),
    ("/machines/rack3/report", .report(.name("rack3"))),
  ]

  @Test(arguments: resources) func aNameOfOursIsRead(_ row: (String, Resource)) throws {
    #expect(Resource(try #require(BootPath(row.0))) == row.1)
  }

  static let files: [(String, Resource.Tree, String)] = [
    ("loaders/ipxe/undionly.kpxe", .loaders, "ipxe/undionly.kpxe"),
    ("/files/debian/linux", .files, "debian/linux"), ("debian/linux", .files, "debian/linux"),
    ("/boot.ipxe/x", .files, "boot.ipxe/x"), ("machines", .files, "machines"),
    ("machines/a", .files, "machines/a"), ("machines/a/other", .files, "machines/a/other"),
    ("machines/a/answers", .files, "machines/a/answers"),
    ("machines/a/answers/b/c", .files, "machines/a/answers/b/c"),
    ("machines/a/report/x", .files, "machines/a/report/x"), ("files", .files, "files"),
    ("loaders", .loaders, "loaders"), ("files/files/a", .files, "files/a"),
    ("pxelinux.cfg/0A4D", .files, "pxelinux.cfg/0A4D"),
  ]

  @Test(arguments: files) func everythingElseIsAFile(_ row: (String, Resource.Tree, String)) throws
  {
    let path = try #require(BootPath(row.2))
    #expect(Resource(try #require(BootPath(row.0))) == .file(row.1, path))
  }
}
