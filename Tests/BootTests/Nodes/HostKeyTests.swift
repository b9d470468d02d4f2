import Boot
import Testing

@Suite struct HostKeyTests {
  static let ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP6kq+q/Vu8bxjBfIVI0pCaVAaCDCqGh8lqsLHRo02C3"
  static let ecdsa =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGhnRCbjB39x3TH2a"
    + "fcFnPaFHlcOPuxDew7YpF8oysQhRnu0zECZtCwDgADMuc9nGUIO28a6Uu5LGtD1/ryjT+g="

  static let long = [UInt8](repeating: 0x5a, count: 128)

  /// A string after its length, as SSH writes it.
  static func field(_ octets: [UInt8]) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: octets.count >> (24 - 8 * $0)) } + octets
  }

  static func line(_ algorithm: String, _ fields: [[UInt8]]) -> String {
    let octets = ([Array(algorithm.utf8)] + fields).flatMap(field)
    return "\(algorithm) \(Base64.text(octets))"
  }

  /// A private key file whose secret part is nonsense.
  static func privateKey(_ key: HostKey, keyCount: UInt8 = 1) -> String {
    let octets =
      Array("openssh-key-v1\0".utf8) + field(Array("none".utf8)) + field(Array("none".utf8))
      + field([]) + [0, 0, 0, keyCount] + field(key.octets)
      + field([UInt8](repeating: 7, count: 100))
    let text = Base64.text(octets)
    let middle = text.index(text.startIndex, offsetBy: 70)
    return "-----BEGIN OPENSSH PRIVATE KEY-----\n\(text[..<middle])\n\(text[middle...])\n"
      + "-----END OPENSSH PRIVATE KEY-----\n"
  }

  @Test(arguments: [
    ("", []), ("Zg==", [0x66]), ("Zm8=", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]),
    ("+/8=", [0xfb, 0xff]), ("AAAA", [0, 0, 0]),
  ])
  func base64IsReadAndWritten(_ text: String, _ octets: [UInt8]) {
    #expect(Base64.octets(text) == octets)
    #expect(Base64.text(octets) == text)
  }

  @Test(arguments: [
    "A", "AA", "AAA", "A===", "====", "=AAA", "AA=A", "Zh==", "Zm9=", "Z g=", "Zm9v\n", "-_8=",
    "Zm9vé",
  ])
  func whatIsNoBase64IsRefused(_ text: String) { #expect(Base64.octets(text) == nil) }

  @Test(
    arguments: [
      (ed25519, 4), (ecdsa, 3), (line("ssh-rsa", [[1, 0, 1], long]), 1),
      (line("ssh-dss", [long, [2], [3], [4]]), 2),
    ] as [(String, UInt8)])
  func aHostsKeyIsReadWithoutItsComment(_ line: String, _ number: UInt8) throws {
    for text in [line, line + " root@rack1", line + "\tand more words", "  " + line] {
      let key = try #require(HostKey(line: text))
      #expect(key.line == line)
      #expect(key.fingerprintAlgorithm == number)
    }
  }

  @Test func aKeyThatIsNoHostKeyIsRefused() {
    let user = Self.line("sk-ssh-ed25519@openssh.com", [[UInt8](repeating: 1, count: 32), [2]])
    let lines = [
      "", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 AAAA", "ssh-ed25519 !", user,
      Self.ed25519.replacing("ssh-ed25519", with: "ssh-rsa"),
      Self.line("ssh-ed25519", [[1, 2, 3]]), Self.line("ssh-rsa", [[1], []]),
      Self.line("ssh-rsa", [[1], [2], [3]]), Self.line("ssh-rsa", [[1], [2]]),
      Self.line("ecdsa-sha2-nistp256", [Array("nistp384".utf8), [4] + Self.long.prefix(64)]),
      Self.line("ecdsa-sha2-nistp256", [Array("nistp256".utf8), [2] + Self.long.prefix(32)]),
      "@cert-authority * " + Self.ed25519, "*," + Self.ed25519,
      Self.line("ssh-rsa", [[1], [UInt8](repeating: 1, count: 4_000)]),
    ]
    for line in lines { #expect(HostKey(line: line) == nil, "\(line)") }
  }

  @Test func noOctetOfAKeyTraps() throws {
    let octets = try #require(HostKey(line: Self.ecdsa)).octets
    for end in octets.indices {
      #expect(HostKey(line: "ecdsa-sha2-nistp256 \(Base64.text(octets[..<end]))") == nil)
    }
    for index in octets.indices {
      for value: UInt8 in [0, 1, 255] {
        var changed = octets
        changed[index] = value
        let key = HostKey(line: "ecdsa-sha2-nistp256 \(Base64.text(changed))")
        #expect(key == nil || key?.octets == changed)
      }
    }
  }

  @Test func aPrivateKeyTellsItsPublicHalf() throws {
    let key = try #require(HostKey(line: Self.ed25519))
    let text = Self.privateKey(key)
    #expect(HostKey(privateKey: text) == key)
    #expect(HostKey(privateKey: "some words\n" + text.replacing("\n", with: "\r\n")) == key)
    for wrong in ["", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"] {
      #expect(HostKey(privateKey: wrong) == nil)
    }
    #expect(HostKey(privateKey: Self.privateKey(key, keyCount: 2)) == nil)
    for end in text.indices.dropLast(2) {
      #expect(HostKey(privateKey: String(text[..<end])) == nil)
    }
  }

  @Test func aMachinesOwnSecretSaysWhichKeyItWillShow() throws {
    let key = try #require(HostKey(line: Self.ed25519))
    let text = Secret.Text(Self.privateKey(key))
    let catalog = Catalog(
      site: "a",
      secrets: [
        Secret(name: HostKey.secretName, site: "a", value: text),
        Secret(name: "other", site: "a", machine: "rack1", value: text),
        Secret(
          name: "rack1-key", variable: HostKey.secretName, site: "a", machine: "rack1",
          value: text),
        Secret(name: HostKey.secretName, site: "a", machine: "rack2", value: Secret.Text("no key")),
      ])
    #expect(catalog.expectedHostKey(of: "rack1") == key)
    #expect(catalog.expectedHostKey(of: "rack2") == nil)
    #expect(catalog.expectedHostKey(of: "rack3") == nil)
  }
}
