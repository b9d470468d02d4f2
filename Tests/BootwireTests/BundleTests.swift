import Boot
import Foundation
import Testing
import YAML

@testable import bootwire

/// What `apply` reads before it sends anything.
struct BundleTests {
  /// A folder of its own for each test.
  private let folder = NSTemporaryDirectory() + "bundle-\(UUID().uuidString)"

  private func write(_ files: [String: String], secret: [String] = []) throws {
    for (name, text) in files {
      let path = "\(folder)/\(name)"
      let parent = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes(
        [.posixPermissions: secret.contains(name) ? 0o600 : 0o644], ofItemAtPath: path)
    }
  }

  private func names(_ source: String) throws -> [String] {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try BundleReader.read(source).files.map(\.name)
  }

  private func mistakes(_ source: String) throws -> [String] {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let error = #expect(throws: BundleMistakes.self) { try BundleReader.read(source) }
    return (error?.mistakes ?? []).map {
      "\($0)".replacingOccurrences(of: folder, with: "FOLDER")
    }
  }

  @Test func aFolderIsReadWithTheTextsThatItNames() throws {
    try write([
      "a.yaml": """
      scripts:
        main: {file: main.ipxe, variants: [{match: {}, file: sub/arm.ipxe}]}
      hooks: {ntp: {when: post-install, file: ntp.sh}}
      """,
      "b.yaml": "snippets: {net: {file: net.txt}}\n", "main.ipxe": "#!ipxe\n",
      "sub/arm.ipxe": "#!ipxe\n", "ntp.sh": "true\n", "net.txt": "x\n", "other.mustache": "y\n",
      "unnamed.txt": "z\n",
    ])
    let names = try names(folder)
    #expect(
      names == [
        "a.yaml", "main.ipxe", "sub/arm.ipxe", "ntp.sh", "b.yaml", "net.txt", "other.mustache",
      ])
  }

  @Test func oneFileBringsTheTemplatesBesideIt() throws {
    try write([
      "a.yaml": "answers: {debian: {kind: preseed, file: debian.preseed}}\n",
      "b.yaml": "scripts: {}\n", "debian.preseed": "d-i\n", "net.mustache": "x\n",
    ])
    let names = try names("\(folder)/a.yaml")
    #expect(names == ["a.yaml", "debian.preseed", "net.mustache"])
  }

  @Test func aProfileNamesAFileOrAnObject() throws {
    try write([
      "a.yaml": """
      profiles:
        debian:
          script: main.ipxe
          answers: {preseed.cfg: debian, ks.cfg: fedora.ks, user-data: {file: ubuntu.yaml.txt}}
          values: {file: nothing, script: nothing}
          kernel: debian/linux
      """, "main.ipxe": "#!ipxe\n", "fedora.ks": "text\n", "ubuntu.yaml.txt": "x\n",
    ])
    let names = try names(folder)
    #expect(names == ["a.yaml", "main.ipxe", "fedora.ks", "ubuntu.yaml.txt"])
  }

  @Test func aFileThatIsNotThereIsTold() throws {
    try write(["a.yaml": "scripts:\n  main: {file: main.ipxe}\n"])
    let told = try mistakes(folder)
    #expect(
      told == [
        "FOLDER/a.yaml:2:16: error: main.ipxe is not in the folder FOLDER; a file elsewhere is"
          + " named absolutely"
      ])
  }

  @Test(arguments: ["../outside.txt", "link", "sub/../../outside.txt"])
  func nothingRelativeLeadsOut(_ name: String) throws {
    let outside = folder + "-outside.txt"
    try Data("secret".utf8).write(to: URL(fileURLWithPath: outside))
    defer { try? FileManager.default.removeItem(atPath: outside) }
    let base = (outside as NSString).lastPathComponent
    let named = name.replacingOccurrences(of: "outside.txt", with: base)
    try write(["a.yaml": "scripts:\n  main: {file: \(named)}\n", "sub/x": ""])
    if name == "link" {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "../\(base)")
    }
    let told = try mistakes(folder)
    #expect(told.count == 1)
    #expect(told.first?.hasPrefix("FOLDER/a.yaml:2:16: error: ") == true)
  }

  @Test func anAbsoluteNameLeadsAnywhere() throws {
    let outside = folder + "-outside.txt"
    try Data("text".utf8).write(to: URL(fileURLWithPath: outside))
    defer { try? FileManager.default.removeItem(atPath: outside) }
    try write(["a.yaml": "scripts: {main: {file: \(outside)}}\n"])
    let names = try names(folder)
    #expect(names == ["a.yaml", outside])
  }

  @Test func allMistakesOfAllFilesAreTold() throws {
    try write([
      "a.yaml": "scripts: {main: {file: x}}\nscripts: {}\n", "b.yaml": "hooks: [\n",
      "c.yaml": "hooks: {a: {file: y}}\n",
    ])
    let told = try mistakes(folder)
    #expect(
      told.map { String($0.prefix(13)) } == ["FOLDER/a.yaml", "FOLDER/b.yaml", "FOLDER/c.yaml"])
    #expect(told.first?.hasPrefix("FOLDER/a.yaml:2:1: error: ") == true)
  }

  @Test func aSecretThatOthersMayReadIsRefused() throws {
    try write(["a.yaml": "secrets:\n  pw: {file: pw}\n", "pw": "x"])
    let told = try mistakes(folder)
    #expect(
      told == [
        "FOLDER/a.yaml:2:14: error: pw holds a secret and others may read it: chmod 600 it"
      ])
    try write(["a.yaml": "secrets:\n  pw: {file: pw}\n", "pw": "x"], secret: ["pw"])
    let names = try names(folder)
    #expect(names == ["a.yaml", "pw"])
  }

  @Test func aPrivateKeyIsNotSent() throws {
    try write([
      "a.yaml": """
      keys:
        ops:
          public: |
            -----BEGIN OPENSSH PRIVATE KEY-----
            AAAA
      """
    ])
    let told = try mistakes(folder)
    #expect(told == ["FOLDER/a.yaml:3:13: error: \(PublicKeyText.privateKeySentence)"])
  }

  @Test func textThatIsNoUTF8IsTold() throws {
    try write(["a.yaml": "scripts: {main: {file: x}}\n"])
    try Data([0xff, 0xfe, 0x41]).write(to: URL(fileURLWithPath: "\(folder)/x"))
    #expect(try mistakes(folder) == ["FOLDER/x: error: this is no UTF-8 text"])
  }

  @Test func aPrivateKeysFileIsNotSent() throws {
    try write([
      "a.yaml": "keys:\n  ops: {file: ops}\n", "ops": "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    ])
    let told = try mistakes(folder)
    #expect(told == ["FOLDER/a.yaml:2:15: error: \(PublicKeyText.privateKeySentence)"])
    try write(["a.yaml": "keys:\n  ops: {file: ops}\n", "ops": "ssh-ed25519 AAAA x\n"])
    let names = try names(folder)
    #expect(names == ["a.yaml", "ops"])
  }

  @Test func whatWasExportedNeedsNoFileAnyMore() throws {
    try write([
      "a.yaml": """
      scripts: {main: {text: x, file: main.ipxe, variants: [{match: {}, text: y, file: z}]}}
      profiles: {p: {script: {text: x, file: s}, answers: {a: {text: x, file: t}}}}
      """
    ])
    let names = try names(folder)
    #expect(names == ["a.yaml"])
  }

  @Test func aFolderWithoutYAMLIsRefused() throws {
    try write(["a.txt": ""])
    #expect(throws: Refusal.self) { try names(folder) }
  }

  @Test func mistakesOfTheApplianceHaveTheOperatorsPaths() {
    var bundle = ApplyBundle()
    bundle.folder = "/srv/catalog"
    bundle.files = [
      ApplyBundle.File(name: "a.yaml", text: ""), ApplyBundle.File(name: "/etc/x", text: ""),
      ApplyBundle.File(name: ApplyBundle.standardInput, text: ""),
    ]
    let told = bundle.local([
      Mistake(file: "a.yaml", line: 3, column: 7, "wrong"), Mistake(file: "/etc/x", "wrong"),
      Mistake(file: "", "wrong"), Mistake(file: ApplyBundle.standardInput, "wrong"),
      Mistake(file: "machines/rack3-07", line: 1, column: 2, "wrong"),
    ])
    #expect(
      told.map(\.file) == ["/srv/catalog/a.yaml", "/etc/x", "", "stdin.yaml", "machines/rack3-07"])
    #expect("\(told[0])" == "/srv/catalog/a.yaml:3:7: error: wrong")
  }
}
