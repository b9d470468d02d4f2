import Foundation
import Network
import Testing

@testable import Appliance

@Suite("Tokens and limits") struct AccessTests {
  private struct Dice: RandomNumberGenerator {
    var state: UInt64 = 7

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state
    }
  }

  private static func token(
    _ name: String, _ text: String, expires: UnixTime? = nil
  ) throws -> AccessToken {
    let digest = try #require(AccessToken.digest(of: Array(text.utf8)))
    return AccessToken(
      id: name, name: name, role: .reader, digest: digest, created: UnixTime(seconds: 0),
      expires: expires)
  }

  @Test func aTokenIsFoundByItsTextAndNothingElse() throws {
    var dice = Dice()
    let texts = (0..<20).map { _ in AccessToken.text { dice.next() } }
    #expect(texts.allSatisfy { $0.utf8.count == 67 && $0.hasPrefix("bw_") })
    #expect(Set(texts).count == 20)
    let book = TokenBook(
      try texts.enumerated().map { try Self.token("t\($0.offset)", $0.element) })
    let now = UnixTime(seconds: 1)
    for (index, text) in texts.enumerated() {
      #expect(book.token(Array(text.utf8), at: now)?.name == "t\(index)")
      for position in 0..<text.utf8.count {
        var other = Array(text.utf8)
        other[position] ^= 1
        #expect(book.token(other, at: now) == nil)
      }
    }
    for odd in ["", "bw_", String(texts[0].dropLast()), texts[0] + "0"] {
      #expect(book.token(Array(odd.utf8), at: now) == nil)
    }
    // Nor by what is stored of it.
    for token in book.all {
      let digits = token.digest.map { String(format: "%02x", $0) }.joined()
      #expect(book.token(Array("bw_\(digits)".utf8), at: now) == nil)
      #expect(book.token(token.digest, at: now) == nil)
    }
  }

  @Test func aTokenEndsWithItsTimeAndWhenItIsRevoked() throws {
    var dice = Dice()
    let (short, long) = (AccessToken.text { dice.next() }, AccessToken.text { dice.next() })
    var book = TokenBook([
      try Self.token("short", short, expires: UnixTime(seconds: 100)),
      try Self.token("long", long),
    ])
    #expect(book.token(Array(short.utf8), at: UnixTime(seconds: 99)) != nil)
    #expect(book.token(Array(short.utf8), at: UnixTime(seconds: 100)) == nil)
    #expect(book.token(Array(long.utf8), at: UnixTime(seconds: 1 << 33)) != nil)
    book.remove("long")
    #expect(book.token(Array(long.utf8), at: UnixTime(seconds: 1)) == nil)
  }

  @Test func thatATokenIsUsedIsKeptOnceAnHour() throws {
    var dice = Dice()
    var book = TokenBook([try Self.token("a", AccessToken.text { dice.next() })])
    #expect(book.use("a", at: UnixTime(seconds: 10_000))?.lastUsed?.seconds == 10_000)
    #expect(book.use("a", at: UnixTime(seconds: 13_599)) == nil)
    #expect(book.use("a", at: UnixTime(seconds: 13_600)) != nil)
    #expect(book.use("b", at: UnixTime(seconds: 13_600)) == nil)
  }

  @Test(arguments: Role.allCases) func aRoleCoversItselfAndThoseBeforeIt(_ role: Role) {
    let order = Role.allCases
    for (index, other) in order.enumerated() {
      #expect(role.covers(other) == (index <= order.firstIndex(of: role) ?? -1))
    }
  }

  @Test func aBucketLetsItsBurstThroughAndThenItsRate() {
    var limit = RateLimit<Int>(burst: 3, perSecond: 2)
    let start = Instant(nanoseconds: 0)
    for _ in 0..<3 { #expect(limit.spend(1, at: start) == nil) }
    #expect(limit.spend(1, at: start) == 1)
    // Another's bucket is its own.
    #expect(limit.spend(2, at: start) == nil)
    let later = start + .milliseconds(500)
    #expect(limit.wait(1, at: later) == nil)
    #expect(limit.spend(1, at: later) == nil)
    #expect(limit.spend(1, at: later) == 1)
    // A clock that stands, or an hour's rest, gives no more than the burst.
    let rested = later + .seconds(3_600)
    for _ in 0..<3 { #expect(limit.spend(1, at: rested) == nil) }
    #expect(limit.spend(1, at: rested) != nil)
  }

  @Test func aFloodOfAddressesDoesNotGrowTheTableNorFreeWhoIsRefused() {
    var limit = RateLimit<Int>(burst: 2, perSecond: 0.001, keys: 64)
    let now = Instant(nanoseconds: 0)
    for _ in 0..<2 { #expect(limit.spend(-1, at: now) == nil) }
    for key in 0..<10_000 {
      #expect(limit.spend(key, at: now) == nil)
      #expect(limit.count <= 64)
    }
    #expect(limit.spend(-1, at: now) != nil)
  }

  /// Who sees what belongs to whom.
  @Test func aTokenOfASiteSeesItsOwnAndWhatIsSharedAndWritesItsOwn() {
    let own = Principal(name: "token a", role: .operator, site: "nbg1")
    #expect(own.sees("nbg1") && own.sees(nil) && !own.sees("fra1"))
    #expect(own.mayWrite("nbg1") && !own.mayWrite(nil) && !own.mayWrite("fra1"))
    let all = Principal.controlSocket
    #expect(all.sees("nbg1") && all.sees(nil) && all.mayWrite(nil) && all.mayWrite("fra1"))
  }
}
