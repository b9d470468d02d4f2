import ArgumentParser
import Boot
import Testing

@testable import bootwire

/// What people type.
struct WordsTests {
  @Test(arguments: ObjectKind.allCases)
  func aKindIsNamedInThreeWays(_ kind: ObjectKind) {
    for word in [
      kind.rawValue, kind.singular, KindName.short(for: kind), kind.rawValue.uppercased(),
    ] {
      #expect(KindName(argument: word)?.kind == kind)
    }
  }

  @Test func noTwoKindsShareAWord() {
    let words = ObjectKind.allCases.flatMap {
      [$0.rawValue, $0.singular, KindName.short(for: $0)]
    }
    #expect(Set(words).count == words.count)
  }

  @Test func aKindThatIsNoneIsToldWithWhatWasMeant() {
    func told(_ word: String) -> String {
      #expect(throws: ValidationError.self) { try KindName.read(word) }?.message ?? ""
    }
    #expect(told("nodes") == "say `bootwire nodes`")
    #expect(told("machinse").hasSuffix(#"; did you mean "machines"?"#))
    #expect(told("xyzzy").hasPrefix("the kinds are machines, profiles, "))
  }

  @Test(arguments: ["", "node", "machin", "machines ", "*"])
  func whatIsNoKindIsRefused(_ word: String) { #expect(KindName(argument: word) == nil) }

  @Test(arguments: [
    ("1s", 1), ("90m", 5400), ("2h", 7200), ("1d", 86400), ("007", nil), ("0s", nil), ("h", nil),
    ("", nil), ("2", nil), ("-2h", nil), ("2 h", nil), ("2H", nil), ("1.5h", nil), ("+2h", nil),
    ("9999999999999999999d", nil), ("106751991167301d", nil), ("٣h", nil),
  ])
  func aDurationHasAUnit(_ text: String, _ seconds: Int?) {
    #expect(ExpiryText(argument: text)?.seconds == seconds)
  }

  @Test func aLabelHasAName() {
    #expect(Label(argument: "rack=3")?.name == "rack")
    #expect(Label(argument: "a=b=c")?.value == "b=c")
    #expect(Label(argument: "a=")?.value == "")
    #expect(Label(argument: "=b") == nil)
    #expect(Label(argument: "rack") == nil)
  }

  @Test(arguments: [
    (0, "0s"), (59, "59s"), (60, "1m00s"), (725, "12m05s"), (3600, "1h00m"), (7384, "2h03m"),
    (-5, "0s"),
  ])
  func elapsedTimeIsShort(_ seconds: Int, _ text: String) {
    #expect(Elapsed(seconds: seconds).description == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (10_000, "10,000"), (1_234_567, "1,234,567"),
  ])
  func largeCountsAreGrouped(_ count: Int, _ text: String) {
    #expect(Changes.grouped(count) == text)
  }

  @Test(arguments: [
    "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "-----BEGIN RSA PRIVATE KEY-----",
    "PuTTY-User-Key-File-3: ssh-ed25519\n", "-----BEGIN ENCRYPTED PRIVATE KEY-----",
    "ssh-ed25519 AAAA x\n-----BEGIN PRIVATE KEY-----\n",
  ])
  func aPrivateKeyIsRefused(_ text: String) {
    let error = #expect(throws: Refusal.self) {
      try PublicKeyText.read(text, named: "id_ed25519")
    }
    #expect(error?.description == "id_ed25519: \(PublicKeyText.privateKeySentence)")
  }

  @Test(arguments: ["", "\n# only a comment\n", "hello", "ssh-ed25519", "ssh-ed25519 BBBB x"])
  func whatIsNoKeyIsRefused(_ text: String) {
    #expect(throws: Refusal.self) { try PublicKeyText.read(text, named: "x") }
  }

  @Test func twoKeysNeedTwoNames() {
    let error = #expect(throws: Refusal.self) {
      try PublicKeyText.read("ssh-rsa AAAAB a\nssh-rsa AAAAC b\n", named: "x")
    }
    #expect(error?.description.contains("2 keys") == true)
  }

  @Test func aPublicKeyIsOneLine() throws {
    let key = try PublicKeyText.read("# mine\n  ssh-ed25519 AAAAC3 me@home \r\n", named: "x")
    #expect(key == "ssh-ed25519 AAAAC3 me@home")
  }
}
