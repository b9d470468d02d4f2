import Boot
import Network
import Replay
import Services
import Testing

@Suite("Case 47: what permits an answer is kept before the answer leaves")
struct InstallOrderTests {
  private static let own = IPv4Address(10, 77, 0, 1)
  private static let address = IPv4Address(10, 77, 0, 7)
  private static let mac = MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56)
  private static let now = Instant.start + .seconds(1)
  private var appliance: VirtualAppliance
  private let token: String
  private var connection: UInt64 = 0

  init() throws { try self.init(InstallPolicy()) }

  private init(_ policy: InstallPolicy) throws {
    let catalog = Catalog(
      site: "nbg1",
      interfaces: [Interface(name: "eth1", number: 2, dhcp: .authoritative)],
      subnets: [Subnet(network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16))],
      profiles: [
        Profile(
          name: "debian", boot: .script(try Template(parsing: "#!ipxe\n", named: "s")),
          answers: ["a": try Template(parsing: "{{secrets.root}}", named: "a")],
          install: policy)
      ],
      machines: [Machine(name: "web", macAddress: Self.mac, profile: "debian")],
      secrets: [Secret(name: "root", site: "nbg1", value: Secret.Text("canary"))])
    var dhcp = DHCPService()
    dhcp.restore(Lease(address: Self.address, client: .hardware(Self.mac), expiry: .never))
    _ = try dhcp.arm("web", "operator", catalog, at: Self.now, dice: { 7 })
    token = dhcp.provisions["web"]?.arming?.token.text ?? ""
    appliance = VirtualAppliance(World(catalog: catalog, find: { _, _ in nil }), dhcp: dhcp)
  }

  private mutating func ask(_ request: String) -> [Outcome] {
    connection += 1
    let id = ConnectionID(connection)
    appliance.connect(
      id,
      from: Arrival(
        source: Endpoint(Self.address, 4711), destination: Endpoint(Self.own, 80),
        local: Self.own, interface: 2))
    var outcomes: [Outcome] = []
    appliance.receive(Array(request.utf8), on: id, at: Self.now, into: &outcomes)
    return outcomes
  }

  private mutating func get(_ target: String, _ method: String = "GET") -> [Outcome] {
    ask("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
  }

  private static func status(_ outcomes: [Outcome]) -> Int? {
    OwnResponse(outcomes, isHead: false)?.status
  }

  /// Where the first outcome of a kind stands.
  private static func place(_ outcomes: [Outcome], _ holds: (Outcome) -> Bool) -> Int? {
    outcomes.firstIndex(where: holds)
  }

  private static func isKept(_ outcome: Outcome) -> Bool {
    if case .kept = outcome { true } else { false }
  }

  private static func isResponse(_ outcome: Outcome) -> Bool {
    if case .responded = outcome { true } else { false }
  }

  @Test mutating func theCommitComesFirst() throws {
    let script = get("/boot.ipxe")
    #expect(Self.status(script) == 200)
    let head = get("/machines/\(token)/answers/a", "HEAD")
    #expect(Self.place(head, Self.isKept) == nil)
    let answer = get("/machines/\(token)/answers/a")
    let kept = try #require(Self.place(answer, Self.isKept))
    let sent = try #require(Self.place(answer, Self.isResponse))
    #expect(kept < sent && Self.status(answer) == 200)
    let second = get("/machines/\(token)/answers/a")
    #expect(Self.status(second) == 404 && Self.place(second, Self.isKept) == nil)
    let body = "state=installed\n"
    let report = ask(
      "POST /machines/\(token)/report HTTP/1.1\r\nHost: a\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let noted = try #require(Self.place(report, Self.isKept))
    let answered = try #require(Self.place(report, Self.isResponse))
    #expect(noted < answered && Self.status(report) == 200)
    #expect(appliance.dhcp.nodes["web"]?.addresses == [Self.address])
    #expect(Self.status(get("/machines/\(token)/answers/a")) == 404)
  }

  @Test(arguments: InstallPolicy.Report.allCases)
  mutating func aNetworkBootDuringAnInstallationGoesToTheDisk(
    _ report: InstallPolicy.Report
  ) throws {
    self = try Self(InstallPolicy(report: report))
    #expect(Self.status(get("/boot.ipxe")) == 200)
    #expect(Self.status(get("/machines/\(token)/answers/a")) == 200)
    #expect(appliance.dhcp.provisions["web"]?.state == .installing)
    let again = try #require(OwnResponse(get("/boot.ipxe"), isHead: false))
    let script = String(decoding: again.body ?? [], as: UTF8.self)
    #expect(again.status == 200 && script.contains("exit") && !script.contains("token"))
    let body = "state=installed\n"
    let word = ask(
      "POST /machines/\(token)/report HTTP/1.1\r\nHost: a\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    let row = try #require(appliance.dhcp.provisions["web"])
    switch report {
    case .installer:
      #expect(row.state == .failed && Self.status(word) == 404)
    case .firstBoot:
      #expect(row.state == .installed && row.arming == nil && Self.status(word) == 200)
    }
  }

  @Test mutating func theTimeOfAnArmingIsADeadline() throws {
    let expiry = Self.now + .seconds(7200)
    #expect(appliance.nextDeadline == expiry)
    var outcomes: [Outcome] = []
    appliance.timeout(at: expiry, into: &outcomes)
    #expect(outcomes.contains(where: Self.isKept))
    #expect(appliance.dhcp.provisions["web"]?.state == .approved)
  }
}
