import Testing

@testable import Appliance

@Suite("Differences of texts") struct TextDiffTests {
  private func lines(_ range: ClosedRange<Int>) -> String {
    range.map { "\($0)\n" }.joined()
  }

  @Test func equalTextsHaveNone() {
    #expect(TextDiff.unified("a\n", "a\n", name: "x") == "")
    #expect(TextDiff.unified(nil, nil, name: "x") == "")
  }

  @Test func whatComesAndGoesHasOneSideOnly() {
    #expect(
      TextDiff.unified(nil, "a\nb\n", name: "x")
        == "--- /dev/null\n+++ x\n@@ -0,0 +1,2 @@\n+a\n+b\n")
    #expect(TextDiff.unified("a\n", nil, name: "x") == "--- x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
  }

  @Test func aChangeStandsInItsContext() {
    let new = lines(1...20).replacing("10\n", with: "ten\n")
    #expect(
      TextDiff.unified(lines(1...20), new, name: "x")
        == "--- x\n+++ x\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n")
  }

  @Test func changesFarApartAreTwoHunksAndNearOnesAreOne() {
    let far = lines(1...30).replacing("5\n", with: "", maxReplacements: 1) + "31\n"
    #expect(
      TextDiff.unified(lines(1...30), far, name: "x")
        == "--- x\n+++ x\n@@ -2,7 +2,6 @@\n 2\n 3\n 4\n-5\n 6\n 7\n 8\n@@ -28,3 +27,4 @@\n 28\n 29\n 30\n+31\n"
    )
    let near = "0\n" + lines(1...6) + "6.5\n"
    #expect(
      TextDiff.unified(lines(1...6), near, name: "x")
        == "--- x\n+++ x\n@@ -1,6 +1,8 @@\n+0\n 1\n 2\n 3\n 4\n 5\n 6\n+6.5\n")
  }

  @Test func longTextsThatDifferEverywhereAreNotSearched() {
    let text = TextDiff.unified(lines(1...100_000), lines(200_001...300_000), name: "x")
    #expect(text.hasPrefix("--- x\n+++ x\n@@ -1,100000 +1,100000 @@\n-1\n-2\n"))
    #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 200_003)
  }
}
