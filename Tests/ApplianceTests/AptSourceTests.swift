import Testing

@testable import Appliance

@Suite("apt sources") struct AptSourceTests {
  private static let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

  @Test func paragraphsAreRead() {
    let sources = AptSource.read(
      paragraphs: """
        Types: deb deb-src
        # a remark within the paragraph
        URIs: http://mirror.example/debian
        Suites: bookworm
         bookworm-updates
        components: main contrib
        Signed-By: \(Self.keyring)

        Enabled: no
        Types: deb
        URIs: http://off.example/debian
        Suites: bookworm
        Components: main

        Types: deb-src
        URIs: http://source.example/debian
        Suites: bookworm
        Components: main

        Types: deb
        URIs: https://third.example/
        Suites: nodistro
        Components: main
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
        """)
    #expect(sources.map(\.uris) == [["http://mirror.example/debian"], ["https://third.example/"]])
    #expect(sources.first?.suites == ["bookworm", "bookworm-updates"])
    #expect(sources.first?.components == ["main", "contrib"])
    #expect(sources.map(\.signedBy) == [Self.keyring, nil])
  }

  @Test func linesAreRead() {
    let sources = AptSource.read(
      lines: """
        # deb http://old.example/debian bookworm main
        deb http://mirror.example/debian bookworm main non-free-firmware # ours
        deb-src http://mirror.example/debian bookworm main
        deb [ arch=amd64 signed-by=/etc/apt/keyrings/third.gpg ] https://third.example bookworm main
        deb [broken http://mirror.example/debian bookworm main
        deb http://mirror.example/debian
        """)
    #expect(sources.count == 2)
    #expect(sources.first?.components == ["main", "non-free-firmware"])
    #expect(sources.last?.signedBy == "/etc/apt/keyrings/third.gpg")
    #expect(sources.map { $0.isDebian(.bookworm) } == [true, false])
  }

  @Test func theNextReleaseComesFromTheSameMirror() throws {
    let text = "deb [trusted=yes] http://mirror.example/debian bookworm main contrib"
    let source = try #require(AptSource.read(lines: text).first)
    #expect(
      source.entry(for: .trixie, keyring: Self.keyring).paragraph == """
        Types: deb
        URIs: http://mirror.example/debian
        Suites: trixie
        Components: main
        Targets: Packages
        Languages: none
        Signed-By: \(Self.keyring)

        """)
  }

  @Test(arguments: [
    ("ID=debian\nVERSION_CODENAME=bookworm\n", "trixie"),
    ("ID=debian\nVERSION_CODENAME=\"bullseye\"\n", "trixie"),
    ("VERSION_CODENAME=trixie\nID=debian\n", "trixie"),
    ("ID=debian\nVERSION_CODENAME=forky", "forky"),
    ("ID=ubuntu\nVERSION_CODENAME=noble\nID_LIKE=debian", nil),
    ("", nil),
  ])
  func theBestReleaseIsTheOwnOrOneWithWholeIPXE(_ text: String, _ best: String?) {
    #expect(DebianRelease(osRelease: text)?.best.rawValue == best)
  }

  @Test(arguments: [
    ("loaders: /srv/loaders", "/srv/loaders"),
    ("site: a\nloaders: \"/srv/my loaders\"  # ours\n", "/srv/my loaders"),
    ("loaders: /srv/loaders   # ours", "/srv/loaders"),
    ("  loaders: /nested", nil),
    ("loaders:   # none", nil),
    ("", nil),
  ])
  func theFolderIsFoundInAConfiguration(_ text: String, _ folder: String?) {
    #expect(LoaderFolder.path(in: text) == folder)
  }
}
