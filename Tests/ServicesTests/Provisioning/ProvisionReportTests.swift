import Boot
import Bytes
import Network
import Services
import Testing

@Suite("What an installer reports") struct ProvisionReportTests {
  static let key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPq2hiUZDn1mrkoFy7bsEEygsIsFTKqguL4NqXZL4Bvg"
  static let whole = """
    state=installed\r
    hostname=Web1.lab.test
    address=10.77.0.7
    address=fe80::1
    address=127.0.0.1
    address=10.77.0.7

    host-key=\(key) root@web1
    os=Debian GNU/Linux 12
    reason=
    cpu=4 × AMD
    memory=8 GiB=much
    """

  private static func read(_ text: some StringProtocol) throws(Malformed) -> ProvisionReport {
    try ProvisionReport(checking: Array(text.utf8).rawSpan)
  }

  @Test func aReportIsRead() throws {
    let report = try Self.read(Self.whole)
    #expect(report.state == .installed && report.hostName == "web1.lab.test")
    #expect(report.addresses == [IPv4Address(10, 77, 0, 7)])
    #expect(report.hostKeys.map(\.algorithm) == ["ssh-ed25519"])
    #expect(report.system == "Debian GNU/Linux 12" && report.reason.isEmpty)
    #expect(report.facts == ["cpu": "4 × AMD", "memory": "8 GiB=much"])
  }

  @Test func anEmptyReportSaysNothing() throws {
    #expect(try Self.read("") == ProvisionReport())
    #expect(try Self.read("\n\r\n\n") == ProvisionReport())
  }

  @Test(arguments: [
    ("state", Malformed(.invalid("report's key"), at: 0)),
    ("=x", Malformed(.invalid("report's key"), at: 0)),
    ("State=installed", Malformed(.invalid("report's key"), at: 0)),
    ("os=a\nst ate=x", Malformed(.invalid("report's key"), at: 5)),
    ("state=armed", Malformed(.invalid("report's state"), at: 6)),
    ("state=installed\nstate=failed", Malformed(.excessive("report's key"), at: 16)),
    ("hostname=a b", Malformed(.invalid("host name"), at: 9)),
    ("hostname=-a", Malformed(.invalid("host name"), at: 9)),
    ("hostname=a..b", Malformed(.invalid("host name"), at: 9)),
    ("hostname=$(id)", Malformed(.invalid("host name"), at: 9)),
    ("os=a\u{1b}[2J", Malformed(.invalid("report's value"), at: 4)),
    ("os=a\u{0}", Malformed(.invalid("report's value"), at: 4)),
    ("address=10.0.0.256", Malformed(.invalid("address"), at: 8)),
    ("host-key=ssh-ed25519 AAAA", Malformed(.invalid("host key"), at: 9)),
  ]) func whatItMayNotSayIsRefused(_ text: String, _ error: Malformed) {
    #expect(throws: error) { try Self.read(text) }
  }

  @Test func aReportIsBounded() throws {
    let long = String(repeating: "x", count: 256)
    #expect(try Self.read("os=\(long)").system == long)
    #expect(throws: Malformed(.excessive("report's value"), at: 3)) { try Self.read("os=\(long)x") }
    #expect(throws: Malformed(.invalid("report's key"), at: 0)) {
      try Self.read(String(repeating: "k", count: 65) + "=")
    }
    let facts = (0..<32).map { "k\($0)=v\n" }.joined()
    #expect(try Self.read(facts).facts.count == 32)
    #expect(throws: Malformed(.excessive("report's facts"), at: facts.utf8.count)) {
      try Self.read(facts + "one-more=v")
    }
    let addresses = (1...16).map { "address=10.0.0.\($0)\n" }.joined()
    #expect(try Self.read(addresses).addresses.count == 16)
    #expect(throws: Malformed.self) { try Self.read(addresses + "address=10.0.0.17") }
    #expect(throws: Malformed(.excessive("report"), at: 16 * 1024)) {
      try Self.read(String(repeating: "\n", count: 16 * 1024 + 1))
    }
  }

  @Test func everyPrefixIsReadOrRefused() {
    let octets = Array(Self.whole.utf8)
    for count in 0...octets.count {
      let prefix = Array(octets[..<count])
      do throws(Malformed) {
        let report = try ProvisionReport(checking: prefix.rawSpan)
        #expect(report.facts.count <= 2)
      } catch {
        #expect(error.offset <= count)
      }
    }
  }

  @Test func everyOctetReplacedIsReadOrRefused() {
    let octets = Array(Self.whole.utf8)
    for index in octets.indices {
      for octet in [UInt8(0), 1, 0x0a, 0x3d, 255] {
        var mutant = octets
        mutant[index] = octet
        do throws(Malformed) {
          let report = try ProvisionReport(checking: mutant.rawSpan)
          #expect(report.addresses.allSatisfy(\.isUnicast) && report.hostKeys.count <= 1)
        } catch {
          #expect(error.offset <= octets.count)
        }
      }
    }
  }
}
