import Boot
import Bytes
import Network
import Services

/// A service whose machines are known by leases, and what they ask of it.
struct InstallBench {
  static let own = IPv4Address(10, 77, 0, 1)
  static let mac = MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56)
  static let address = IPv4Address(10, 77, 0, 7)
  static let otherMAC = MACAddress(0x52, 0x54, 0, 0, 0, 9)
  static let otherAddress = IPv4Address(10, 77, 0, 9)
  /// No secret, log or script shows it in vain.
  static let canary = "canary-of-the-root-password"

  var service = DHCPService()
  var catalog: Catalog
  var now = Instant.start + .seconds(60)
  /// All changes that were to be kept and all events, in their order.
  var changes: [RegistryChange] = []
  var events: [Event] = []
  private var dice: UInt64 = 0

  init(_ catalog: Catalog = catalog()) {
    self.catalog = catalog
    lease(Self.address, Self.mac)
    lease(Self.otherAddress, Self.otherMAC)
  }

  static func template(_ text: String) -> Template {
    (try? Template(parsing: text, named: "t")) ?? Template(verbatim: "unreadable")
  }

  static func profile(
    _ name: String = "debian", arm: InstallPolicy.Arm = .byOperator, match: Match = Match()
  ) -> Profile {
    Profile(
      name: name, match: match,
      boot: .kernel(
        KernelBoot(
          kernel: Template(verbatim: "linux"), initrd: [],
          arguments: template("url={{server.http}}{{machine.answers}}/preseed.cfg"))),
      answers: [
        "preseed.cfg": template("password {{secrets.root}}\n"),
        "plain.cfg": template("report={{machine.report}}\n"),
        "hole.cfg": template("{{secrets.absent}}\n"),
      ],
      hooks: [Hook(name: "h", when: .postInstall, template: template("echo {{secrets.root}}\n"))],
      install: InstallPolicy(arm: arm))
  }

  static func catalog(
    _ profiles: [Profile] = [profile()], defaultProfile: Catalog.DefaultProfile = .none,
    machine: Machine = Machine(
      name: "rack3-07", macAddress: mac, profile: "debian"),
    dhcp: Interface.Mode = .authoritative
  ) -> Catalog {
    Catalog(
      site: "nbg1",
      interfaces: [Interface(name: "eth1", number: 2, dhcp: dhcp, https: 443)],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth1",
          ownAddress: own)
      ],
      profiles: profiles, machines: [machine], defaultProfile: defaultProfile,
      scripts: [
        Script(name: "sub", site: nil, template: template("#!ipxe\necho {{machine.answers}}\n"))
      ],
      secrets: [Secret(name: "root", site: "nbg1", value: Secret.Text(canary))])
  }

  mutating func lease(_ address: IPv4Address, _ machine: MACAddress) {
    service.restore(
      Lease(address: address, client: .hardware(machine), expiry: .never))
  }

  static func arrival(_ source: IPv4Address = address, port: UInt16 = 80) -> Arrival {
    Arrival(
      source: Endpoint(source, 4711), destination: Endpoint(own, port), local: own, interface: 2)
  }

  /// What a driver would send: the text, once its changes are kept.
  mutating func get(
    _ path: String, _ query: ScriptQuery = ScriptQuery(), from source: IPv4Address = address,
    port: UInt16 = 80, isHead: Bool = false
  ) -> String? {
    guard let parsed = BootPath(path) else { return nil }
    var resource = Resource(parsed)
    if case .script(let machine, _) = resource { resource = .script(machine: machine, query) }
    dice += 1
    let number = dice
    var reasons: [Reason] = []
    let arrival = Self.arrival(source, port: port)
    var content = service.content(
      of: resource, for: arrival, catalog, at: now, isPeek: isHead, dice: { number },
      reasons: &reasons)
    if case .fileOrMenu(_, _, let menu) = content {
      content = service.content(
        of: menu, for: arrival, catalog, at: now, isPeek: isHead, dice: { number },
        reasons: &reasons)
    }
    switch content {
    case .text(let text):
      take(text.outcome)
      events.append(text.event)
      return String(decoding: text.octets, as: UTF8.self)
    case .refused(let event):
      events.append(event)
      return nil
    case .file, .firstFile, .fileOrMenu, .missing: return nil
    }
  }

  mutating func report(
    _ body: String, _ name: String, from source: IPv4Address = address
  ) -> ReportAnswer {
    guard let path = BootPath("machines/\(name)/report"), case .report(let bearer) = Resource(path)
    else { return .malformed }
    let (answer, outcome) = service.report(
      Array(body.utf8).rawSpan, by: bearer, for: Self.arrival(source), catalog, at: now)
    take(outcome)
    return answer
  }

  @discardableResult
  mutating func arm(_ machine: String = "rack3-07") throws(ArmingRefusal) -> String {
    dice += 1
    let number = dice
    let outcome = try service.arm(machine, "operator", catalog, at: now, dice: { number })
    take(outcome)
    return service.provisions[machine]?.arming?.token.text ?? ""
  }

  /// Arms, and has iPXE fetch the script, by which the token is bound to the machine.
  mutating func begin() throws(ArmingRefusal) -> String {
    let token = try arm()
    _ = get("boot.ipxe")
    events = []
    return token
  }

  mutating func take(_ outcome: ProvisionOutcome) {
    changes += outcome.changes
    events += outcome.events
  }

  /// A service that knows what was durable when this one ended.
  func restarted() -> InstallBench {
    var bench = InstallBench(catalog)
    bench.now = now
    for change in changes {
      switch change {
      case .provision(let row): bench.service.provisions.restore(row)
      case .node(let node): bench.service.nodes.restore(node)
      case .forgetProvision(let machine): _ = bench.service.provisions.forget(machine)
      case .forgetNode(let name): _ = bench.service.nodes.forget(name)
      case .entry: break
      }
    }
    return bench
  }

  var state: ProvisionState? { service.provisions["rack3-07"]?.state }
  var factNames: [String] { events.map(\.fact.name) }
  var refusals: [AnswerRefusal] {
    events.compactMap {
      guard case .answerRefused(_, _, let refusal) = $0.fact else { return nil }
      return refusal
    }
  }
}
