import Boot
import Testing

@Suite struct ReasonTests {
  private static let loader = Loader(
    set: .ipxe, architecture: .x86BIOS, path: "ipxe/undionly.kpxe", byteCount: 1)
  private static let all: [Reason] = [
    .machineNamed("a", by: .serial), .machineUnlisted, .profileNamed("a"),
    .profileMatched("a", criteria: 1), .profileMatched("a", criteria: 2),
    .profileMissed("a", by: .subnet), .profileDefault("a"), .profileAbsent, .ignoredByPolicy,
    .notBooting, .localBoot, .scriptForIPXE, .namesItsFiles, .loaderChosen(loader),
    .loaderAbsent(.signed, .arm64EFI), .architectureUnknown(99), .architectureUnknown(nil),
  ]

  @Test(arguments: all) func aReasonIsASentence(_ reason: Reason) {
    #expect(reason.description.hasSuffix("."))
    #expect(reason.description.first?.isLowercase == false || reason == .loaderChosen(Self.loader))
  }

  @Test func noTwoReasonsSayTheSame() {
    #expect(Set(Self.all.map(\.description)).count == Self.all.count)
  }

  @Test func whatLeadsToTheNextRuleIsNoMatch() {
    #expect(Self.all.filter { !$0.isMatch }.count == 6)
  }
}
