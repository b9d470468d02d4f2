import Boot
import Network
import Testing

@testable import Appliance

@Suite("The name service's configuration") struct NameConfigurationTests {
  static func files(_ dns: String, _ more: String = "", hosts: String = "") -> [String: String] {
    [
      "bootwire.yaml": """
      interfaces: [{name: eth1, dhcp: authoritative}]
      subnets: [{network: 10.77.0.0/24, interface: eth1}]
      dns: {\(dns)}
      \(more)
      """, "extra.hosts": hosts,
    ]
  }

  private func zones(_ files: [String: String]) throws -> Zones {
    let loaded = try load(files)
    #expect(loaded.mistakes == [])
    return try #require(loaded.configuration).catalog(generation: 7, loaders: []).zones
  }

  /// The types and data of a name; nil when it does not exist.
  private func records(_ name: String, _ zones: Zones) throws -> [String]? {
    guard let entry = zones.entry(try #require(DomainName(name))) else { return nil }
    var records: [String] = []
    zones.eachRecord(of: entry) { record, data in records.append("\(record.type) \(Array(data))") }
    return records
  }

  @Test("A taken port 53 stops nothing where only the default asks for it")
  func theDefaultIsToldFromAWish() throws {
    let subnets = "subnets: [{network: 10.77.0.0/24, interface: eth1}]"
    let rows: [(text: String, isByDefault: Bool)] = [
      ("interfaces: [{name: eth1}]\n\(subnets)", true),
      ("interfaces: [{name: eth1, dns: true}]\n\(subnets)", false),
      ("interfaces: [{name: eth1}]\n\(subnets)\ndns: {zone: lab.test}", false),
      ("interfaces: [{name: eth1}]\n\(subnets)\ndns: {forward: [192.0.2.53]}", false),
    ]
    for row in rows {
      let loaded = try load(["bootwire.yaml": row.text])
      let catalog = try #require(loaded.configuration).catalog(generation: 1, loaders: [])
      #expect(catalog.interfaces.map(\.dns) == [true])
      #expect(catalog.interfaces.map(\.dnsIsByDefault) == [row.isByDefault], "\(row.text)")
    }
  }

  @Test func everyTypeOfRecordIsTaken() throws {
    let zones = try zones(
      Self.files(
        """
        zone: lab.test, records: {www: {A: [10.77.0.9, 10.77.0.10], AAAA: "2001:db8::1"},
          b: {CNAME: www}, "@": {MX: 10 www},
          _x._tcp: {SRV: 1 2 3 mail.example.org}, t.deep: {TXT: hé}}
        """))
    #expect(try records("www.lab.test", zones)?.count == 3)
    #expect(try records("9.0.77.10.in-addr.arpa", zones)?.count == 1)
    let www: [UInt8] = [3, 119, 119, 119, 3, 108, 97, 98, 4, 116, 101, 115, 116, 0]
    #expect(try records("b.lab.test", zones) == ["cname \(www)"])
    #expect(try records("lab.test", zones)?.last == "mx \([0, 10] + www)")
    #expect(try records("t.deep.lab.test", zones) == ["txt [3, 104, 195, 169]"])
    #expect(try records("deep.lab.test", zones) == [])
    #expect(try records("_tcp.lab.test", zones) == [])
  }

  @Test func machinesHostsAndWeAreNamed() throws {
    let zones = try zones(
      Self.files(
        "zone: lab.test, hosts: extra.hosts",
        """
        machines:
          - {name: rack1, mac: "52:54:00:00:00:01", address: 10.77.0.7}
          - {name: rack2, mac: "52:54:00:00:00:02"}
        """,
        hosts: """
          127.0.0.1 localhost
          ::1 ip6-localhost # us
          10.77.0.8\tnas.lab.test  nas store

          2001:db8::8 nas
          10.77.0.9 elsewhere.example.org
          """))
    #expect(try records("rack1.lab.test", zones) == ["a [10, 77, 0, 7]"])
    #expect(try records("rack2.lab.test", zones) == [])
    #expect(try records("nas.lab.test", zones)?.count == 2)
    #expect(try records("store.lab.test", zones) == ["a [10, 77, 0, 8]"])
    #expect(try records("localhost.lab.test", zones) == nil)
    #expect(try records("elsewhere.example.org", zones) == nil)
    #expect(try records("box.lab.test", zones) == ["a [10, 77, 0, 1]"])
    #expect(zones.apexes.map(\.description) == ["lab.test.", "0.77.10.in-addr.arpa."])
  }

  @Test func tenThousandNamesLoad() throws {
    let hosts = (0..<10_000).map { "10.77.\(($0 >> 8) + 1).\($0 & 255) host\($0)" }
    let zones = try zones(
      Self.files("zone: lab.test, hosts: extra.hosts", hosts: hosts.joined(separator: "\n")))
    #expect(zones.nameCount > 10_000)
    #expect(try records("host9999.lab.test", zones) == ["a [10, 77, 40, 15]"])
  }

  /// What is wrong, and what is said of it.
  static let wrong: [(String, String)] = [
    ("zone: a..b", "is not a domain name"),
    ("zone: lab.test, records: {w: {A: 1.2.3}}", "is not an IPv4 address"),
    ("zone: lab.test, records: {w: {AAAA: 10.0.0.1}}", "is not an IPv6 address"),
    ("zone: lab.test, records: {w: {MX: mail}}", "is not a mail exchanger"),
    ("zone: lab.test, records: {w: {SRV: 1 2 mail}}", "is not a service"),
    ("zone: lab.test, records: {w: {SPF: x}}", "unknown key \"SPF\""),
    ("zone: lab.test, records: {w: {CNAME: x, A: 10.77.0.9}}", "has no other records"),
    ("zone: lab.test, records: {\"@\": {CNAME: x}}", "cannot be an alias"),
    ("zone: lab.test, records: {w: {CNAME: [a, b]}}", "the alias of one other"),
    ("zone: lab.test, records: {w.example.org.: {A: 10.0.0.1}}", "is not a name in lab.test."),
    ("records: {w: {A: 10.0.0.1}}", "needs \"zone\""),
    ("forward: [10.77.0.1]", "our own address"),
    ("forward: [224.0.0.1]", "no address that a name server can have"),
    ("zone: lab.test, hosts: none.hosts", "does not exist"),
    ("zone: lab.test, hosts: extra.hosts", "is no IP address"),
  ]

  @Test(arguments: wrong)
  func aMistakeIsTold(_ row: (String, String)) throws {
    let loaded = try load(Self.files(row.0, hosts: "10.0.0 x\n"))
    #expect(loaded.mistakes.count == 1)
    #expect(loaded.mistakes.first?.contains(row.1) == true, "\(loaded.mistakes)")
  }

  @Test func whereWeAnswerNoNamesNobodyIsSentToUs() throws {
    let text = """
      interfaces: [{name: eth1, dhcp: authoritative, dns: false}]
      subnets: [{network: 10.77.0.0/24, interface: eth1}]
      """
    let configuration = try #require(try load(["bootwire.yaml": text]).configuration)
    #expect(configuration.subnets.first?.dns == [])
    #expect(configuration.catalog(generation: 1, loaders: []).zones.isEmpty)
  }
}
