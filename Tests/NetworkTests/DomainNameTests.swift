import Network
import Testing

@Suite struct DomainNameTests {
  @Test(arguments: [
    ("WWW.Lab.test", "www.lab.test."), ("www.lab.test.", "www.lab.test."), (".", "."),
    ("_ldap._tcp.x", "_ldap._tcp.x."), ("a", "a."),
  ])
  func aNameIsRead(_ row: (String, String)) {
    #expect(DomainName(row.0)?.description == row.1)
  }

  @Test(arguments: [
    "", "..", "a..b", "-a", "a-.b", "a b", "ä", "a.b\0", String(repeating: "a", count: 64),
    String(repeating: "a.", count: 128),
  ])
  func whatIsNoNameIsRefused(_ text: String) { #expect(DomainName(text) == nil) }

  @Test func oddOctetsArePrintedEscaped() {
    var name = DomainName()
    name.append(label: [0x61, 0x2e, 0, 0xff])
    #expect(name.description == "a\\046\\000\\255.")
  }

  @Test func aNameLiesWithinItsZone() throws {
    let zone = try #require(DomainName("lab.test"))
    for (text, isWithin) in [
      ("lab.test", true), ("a.lab.test", true), ("a.b.LAB.test", true), ("xlab.test", false),
      ("test", false), ("lab.test.x", false),
    ] {
      #expect(DomainName(text)?.isWithin(zone) == isWithin, "\(text)")
    }
  }

  @Test func reverseNamesGoBothWays() {
    let address = IPv4Address(10, 77, 0, 7)
    let name = DomainName(reverse: address)
    #expect(name.description == "7.0.77.10.in-addr.arpa.")
    #expect(name.reversedAddress == address)
    #expect(DomainName(reverse: address, octetCount: 3).description == "0.77.10.in-addr.arpa.")
    for text in [
      "0.77.10.in-addr.arpa", "256.0.77.10.in-addr.arpa", "07.0.77.10.in-addr.arpa",
      "7.0.77.10.in-addr.arpa.x", "x.0.77.10.in-addr.arpa", "1.7.0.77.10.in-addr.arpa", ".",
    ] {
      #expect(DomainName(text)?.reversedAddress == nil, "\(text)")
    }
  }

  @Test(arguments: [
    ("::", UInt64(0), UInt64(0)), ("::1", 0, 1), ("2001:db8::1", 0x2001_0db8_0000_0000, 1),
    ("1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004, 0x0005_0006_0007_0008),
    ("::ffff:10.0.0.1", 0, 0xffff_0a00_0001), ("fe80::", 0xfe80_0000_0000_0000, 0),
  ])
  func anIPv6AddressIsRead(_ row: (String, UInt64, UInt64)) {
    #expect(IPv6Address(row.0) == IPv6Address(high: row.1, low: row.2))
  }

  @Test(arguments: [
    "", ":", ":::", "1", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::",
    "::1%lo", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "10.0.0.1", "1.2.3.4::",
  ])
  func whatIsNoIPv6AddressIsRefused(_ text: String) { #expect(IPv6Address(text) == nil) }

  @Test func privateAddressesAreKnown() throws {
    for text in ["10.1.2.3", "172.31.0.1", "192.168.1.1", "127.0.0.1", "169.254.1.1", "100.64.0.1"]
    {
      #expect(try #require(IPv4Address(text)).isPrivate, "\(text)")
    }
    for text in ["172.32.0.1", "8.8.8.8", "100.128.0.1"] {
      #expect(try !#require(IPv4Address(text)).isPrivate, "\(text)")
    }
    for text in ["::1", "::", "fd00::1", "fe80::1", "::ffff:10.0.0.1"] {
      #expect(try #require(IPv6Address(text)).isPrivate, "\(text)")
    }
    #expect(try !#require(IPv6Address("2001:db8::1")).isPrivate)
  }
}
