import Network
import Testing

@Suite("Addresses") struct AddressTests {
  @Test(arguments: ["0.0.0.0", "10.77.0.1", "255.255.255.255", "1.2.3.40"])
  func anAddressReadsAsItPrints(_ text: String) {
    #expect(IPv4Address(text)?.description == text)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1..2.3", "a.b.c.d", "1.2.3.4 ", "+1.2.3.4",
  ])
  func whatIsNoAddressIsRefused(_ text: String) {
    #expect(IPv4Address(text) == nil)
  }

  @Test func aPrefixKnowsItsEnds() throws {
    let prefix = try #require(IPv4Prefix("10.77.0.0/16"))
    #expect(prefix.netmask == IPv4Address(255, 255, 0, 0))
    #expect(prefix.broadcast == IPv4Address(10, 77, 255, 255))
    #expect(prefix.canHost(IPv4Address(10, 77, 0, 1)))
    #expect(!prefix.canHost(prefix.network))
    #expect(!prefix.canHost(prefix.broadcast))
    #expect(!prefix.contains(IPv4Address(10, 78, 0, 1)))
    #expect(IPv4Prefix("0.0.0.0/0")?.contains(.broadcast) == true)
    #expect(IPv4Prefix("10.0.0.0/31")?.canHost(IPv4Address(10, 0, 0, 0)) == true)
  }

  @Test(arguments: ["10.77.0.1/16", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/-1", "10.0.0.0/+8", "/8"])
  func whatIsNoPrefixIsRefused(_ text: String) {
    #expect(IPv4Prefix(text) == nil)
  }

  @Test(arguments: ["52:54:00:12:34:56", "52-54-00-12-34-56", "525400123456", "52:54:00:12:34:5A"])
  func aMACAddressReadsInAllItsForms(_ text: String) {
    let digits = text.lowercased().filter { $0.isHexDigit }
    #expect(MACAddress(text)?.description.filter(\.isHexDigit) == digits)
  }

  @Test(arguments: [
    "", "52:54:00:12:34", "52:54-00:12:34:56", "525:40:01:23:45:6", "5254001234567",
  ])
  func whatIsNoMACAddressIsRefused(_ text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func aUUIDReadsAsItPrints() {
    let text = "4c4c4544-0042-4c10-8056-b4c04f4c4142"
    #expect(UUID(text)?.description == text)
    #expect(UUID("4c4c4544-0042-4c10-8056-b4c04f4c414") == nil)
    #expect(UUID("+c4c4544-0042-4c10-8056-b4c04f4c4142") == nil)
  }

  @Test func instantsSaturate() {
    #expect(Instant.never + .seconds(1) == .never)
    #expect(Instant.start + .seconds(Int64.max) == .never)
    #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 2) == .nanoseconds(3))
    #expect(UnixTime(nanoseconds: -1).seconds == -1)
    #expect(Duration.seconds(-3).wholeSeconds == 0)
  }
}
