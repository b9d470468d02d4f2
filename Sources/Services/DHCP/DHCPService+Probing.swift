import Boot
import Bytes
import Network
import Wire

/// Probing addresses ahead of need. What is due is done by ``probe(_:at:into:)``, beside all else.
extension DHCPService {
  /// When ``probe(_:at:into:)`` is due; nil: nothing is to be probed, or it was not begun.
  package var nextProbe: Instant? { prober.nextDeadline }

  /// Begins to probe: when the ports are open.
  ///
  /// - Parameter seed: Nobody else can guess it, and so make up answers from elsewhere.
  package mutating func beginProbing(seed: UInt32) {
    prober.mark(by: seed)
    prober.begin()
  }

  /// The interfaces that exist and carry nothing now, by their numbers: nothing is proven there.
  package mutating func linksAreDown(_ numbers: Set<Int32>) { prober.linksAreDown(numbers) }

  /// The question for `address` could not be sent.
  package mutating func probeFailed(_ address: IPv4Address, at now: Instant) {
    prober.failed(address, at: now)
  }

  /// Something could not be sent on the interface with this number, perhaps questions.
  package mutating func probesFailed(on interface: Int32, at now: Instant) {
    prober.failed(on: interface, at: now)
  }

  /// The store lacks leases that may still be lived by. Until they have ended, one lease time of the
  /// subnet, addresses of pools are proven before they are offered, also where `probe` is off, and a
  /// client that comes while none is proven is not answered: it asks again in some seconds
  /// (RFC 2131 §4.1). Reservations, and what clients say to have, are given as ever.
  package mutating func leasesWereLost(at now: Instant) { prober.leasesWereLost(at: now) }

  /// Asks for addresses, and takes silence for an answer.
  package mutating func probe(_ catalog: Catalog, at now: Instant, into actions: inout Actions) {
    prober.work(catalog, leases, at: now, into: &actions)
  }

  /// Takes an ARP frame that came in on an interface.
  ///
  /// - Parameter own: The interface's hardware address.
  package mutating func hearARP(
    _ frame: RawSpan, on interface: Int32, own: MACAddress, at now: Instant,
    into actions: inout Actions
  ) {
    // What is malformed here is nobody's boot; the host's own ARP counts it.
    guard let head = try? EthernetFrame(checking: frame), head.type == EtherType.arp,
      let packet = try? ARPPacket(decoding: head.payload), packet.operation == .reply,
      packet.senderHardware != own, packet.senderHardware.isUnicast
    else { return }
    hear(
      of: packet.sender, from: packet.senderHardware, by: .arp(interface: interface), at: now,
      into: &actions)
  }

  /// Takes an IPv4 packet with an ICMP echo reply.
  package mutating func hearEcho(
    _ packet: RawSpan, at now: Instant, into actions: inout Actions
  ) {
    guard let reply = try? EchoMessage.reply(in: packet) else { return }
    hear(of: reply.source, from: nil, by: .echo(reply.mark), at: now, into: &actions)
  }

  private mutating func hear(
    of address: IPv4Address, from hardware: MACAddress?, by means: ProbeMeans, at now: Instant,
    into actions: inout Actions
  ) {
    if let hardware, prober.isLiar(hardware, for: address) { return }
    guard let (network, pool) = prober.answered(address, by: means, at: now) else { return }
    if let hardware, leases.occupiesTooMuch(hardware, of: pool, and: address) {
      prober.disbelieve(hardware, in: network)
      leases.vacate(all: hardware, of: pool)
      return actions.record(Event(.answersDisbelieved(pool, by: hardware), macAddress: hardware))
    }
    let isNews = leases.occupy(
      address, by: hardware, in: pool, until: now + Self.quarantineDuration, at: now)
    guard isNews else { return }
    actions.record(
      Event(.addressOccupied(address, by: hardware), macAddress: hardware, address: address))
  }
}
