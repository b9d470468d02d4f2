import Boot
import Bytes
import Network
import Testing
import Wire

@testable import Services

/// A name service on its own: a zone, leases and a clock that stands until it is set.
struct DNSBench {
  static let client = IPv4Address(10, 77, 0, 50)
  static let stranger = IPv4Address(198, 51, 100, 9)
  static let server = IPv4Address(192, 0, 2, 53)
  static let second = IPv4Address(192, 0, 2, 54)

  var service = DNSService()
  var leases = LeaseTable()
  var catalog: Catalog
  var now = Instant(nanoseconds: 1_000_000_000)
  var actions = Actions()
  /// What the dice will show.
  var dice: UInt64 = 0x4711

  init(forwarders: [IPv4Address] = [], _ fill: (inout ZoneDraft) throws -> Void = { _ in }) throws {
    let network = try #require(IPv4Prefix("10.77.0.0/24"))
    var draft = ZoneDraft(
      forward: DomainName("lab.test"), host: "box", networks: [network], serial: 7)
    for (name, address) in [("www", IPv4Address(10, 77, 0, 9)), ("box", IPv4Address(10, 77, 0, 1))]
    {
      draft.add(try Self.name("\(name).lab.test"), address)
    }
    draft.addMachine(try Self.name("rack1.lab.test"))
    try fill(&draft)
    catalog = Catalog(
      interfaces: [Interface(name: "s0", number: 3)],
      subnets: [Subnet(network: network, interface: "s0")],
      machines: [Machine(name: "rack1", macAddress: MACAddress("52:54:00:00:00:01"))],
      zones: draft.zones(), forwarders: forwarders)
  }

  static func name(_ text: String) throws -> DomainName { try #require(DomainName(text)) }

  /// A query's octets.
  static func query(
    _ name: String, _ type: UInt16 = DNSType.a, recordClass: UInt16 = 1, id: UInt16 = 0x1234,
    flags: UInt16 = 0x0100, edns: DNSExtension? = nil
  ) -> [UInt8] {
    var writer = ByteWriter()
    DNSHeader(id: id, flags: flags, questionCount: 1, additionalCount: edns == nil ? 0 : 1)
      .encode(into: &writer)
    for label in name.split(separator: ".") {
      writer.write(UInt8(label.utf8.count))
      writer.write(String(label))
    }
    writer.write(UInt8(0))
    writer.write(type)
    writer.write(recordClass)
    edns?.encode(into: &writer)
    return writer.bytes
  }

  private func context() -> DNSService.Context {
    let dice = dice
    return DNSService.Context(catalog: catalog, leases: leases, time: now, dice: { dice })
  }

  mutating func receive(_ bytes: [UInt8], from client: IPv4Address = client, stream: Bool = false) {
    actions.clear()
    let arrival = Arrival(
      source: Endpoint(client, 4000), destination: Endpoint(IPv4Address(10, 77, 0, 1), 53),
      local: IPv4Address(10, 77, 0, 1), interface: 3)
    let source = stream ? DNSClient.stream(ConnectionID(1), client) : .datagram(arrival)
    service.receive(bytes.rawSpan, from: source, context(), into: &actions)
  }

  mutating func ask(
    _ name: String, _ type: UInt16 = DNSType.a, from client: IPv4Address = client,
    edns: DNSExtension? = nil
  ) throws -> DNSSeen {
    receive(Self.query(name, type, edns: edns), from: client)
    return try #require(try answers.first)
  }

  /// What went to clients.
  var answers: [DNSSeen] {
    get throws {
      try actions.list.compactMap { action in
        switch action {
        case .send(let reply): try DNSSeen(Array(actions.octets(reply.payload)))
        case .answer(_, let bytes): try DNSSeen(Array(actions.octets(bytes).dropFirst(2)))
        case _: nil
        }
      }
    }
  }

  /// What went to another server.
  var asked: (id: ForwardID, bytes: [UInt8], server: Endpoint)? {
    for case .ask(let id, let bytes, let server) in actions.list {
      return (id, Array(actions.octets(bytes)), server)
    }
    return nil
  }

  /// What went there by TCP.
  var askedByStream: (id: ForwardID, bytes: [UInt8], server: Endpoint)? {
    for case .askByStream(let id, let bytes, let server) in actions.list {
      return (id, Array(actions.octets(bytes)), server)
    }
    return nil
  }

  /// The other server's answer to `asked`, with these A records.
  static func answer(
    to query: [UInt8], _ addresses: [IPv4Address], lifetime: UInt32 = 300, flags: UInt16 = 0x8180
  ) -> [UInt8] {
    var bytes = Array(query.dropLast(DNSExtension.byteCount))
    bytes[2] = UInt8(flags >> 8)
    bytes[3] = UInt8(truncatingIfNeeded: flags)
    bytes[7] = UInt8(addresses.count)
    bytes[11] = 1
    for address in addresses {
      let (a, b, c, d) = address.octets
      bytes += [0xc0, 12, 0, 1, 0, 1]
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: lifetime >> UInt32(24 - 8 * $0)) }
      bytes += [0, 4, a, b, c, d]
    }
    return bytes + query.suffix(DNSExtension.byteCount)
  }

  mutating func hear(
    _ bytes: [UInt8], _ id: ForwardID, from server: Endpoint = Endpoint(server, 53)
  ) {
    actions.clear()
    service.receive(bytes.rawSpan, for: id, from: server, context(), into: &actions)
  }

  mutating func wait(_ duration: Duration) {
    now = now + duration
    actions.clear()
    service.timeout(context(), into: &actions)
  }

  mutating func lease(_ address: IPv4Address, to mac: UInt64, called name: String = "") {
    let client = MACAddress("52:54:00:00:00:0\(mac)") ?? .zero
    let lease = Lease(
      address: address, client: .hardware(client), expiry: now + .seconds(3600),
      hostName: Array(name.utf8))
    if let network = IPv4Prefix("10.77.0.0/24") { _ = leases.grant(lease, within: network) }
    let machine = catalog.machine(Sighting(macAddress: client))?.machine
    service.names.take(lease, machine: machine, catalog.zones, leases, at: now)
  }
}

/// An answer, as a client sees it.
struct DNSSeen {
  var header: DNSHeader
  var bytes: [UInt8]
  /// `name type data`, by section.
  var sections: [[String]] = [[], [], []]
  var lifetimes: [UInt32] = []
  var edns: DNSExtension?

  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    header = try DNSHeader(decoding: bytes.rawSpan)
    guard header.questionCount == 1 else { return }
    let reply = try DNSReply(checking: bytes.rawSpan)
    edns = try reply.edns
    var sections: [[String]] = [[], [], []]
    var lifetimes: [UInt32] = []
    try reply.eachRecord { record, section throws(Malformed) in
      guard record.type != DNSType.opt else { return }
      var name = DomainName()
      try DNSNameReader.read(bytes.rawSpan, at: record.start, into: &name)
      let shown = try Self.shown(record, bytes)
      sections[section].append("\(name) \(record.type) \(shown)")
      lifetimes.append(record.lifetime)
    }
    self.sections = sections
    self.lifetimes = lifetimes
  }

  private static func shown(_ record: DNSRecord, _ bytes: [UInt8]) throws(Malformed) -> String {
    var name = DomainName()
    switch record.type {
    case DNSType.a:
      return bytes[record.dataStart..<record.end].map { "\($0)" }.joined(separator: ".")
    case DNSType.ns, DNSType.cname, DNSType.ptr, DNSType.soa:
      try DNSNameReader.read(bytes.rawSpan, at: record.dataStart, into: &name)
      return "\(name)"
    default: return Hexadecimal.text(bytes[record.dataStart..<record.end])
    }
  }

  var code: UInt8 { header.responseCode }
  var answers: [String] { sections[0] }
  var authority: [String] { sections[1] }
  var isAuthoritative: Bool { header.flags & DNSHeader.authoritative != 0 }
}
