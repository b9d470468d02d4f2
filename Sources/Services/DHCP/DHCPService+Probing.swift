import Boot
import Bytes
import Network
import Wire

/// Probing addresses ahead of need. What is due is done by ``probe(_:at:into:)``, beside all else.
extension DHCPService {
  /// When ``probe(_:at:into:)`` is due; nil: nothing is to be probed, or it was not begun.
  package var nextProbe: Instant? { prober.nextDeadline }

  /// Begins to probe: when the ports are open.
  package mutating func beginProbing() { prober.begin() }

  /// The store lacks leases that may still be lived by. Until they have ended, one lease time of the
  /// subnet, addresses of pools are proven before they are offered, also where `probe` is off, and a
  /// client that comes while none is proven is not answered: it asks again in some seconds
  /// (RFC 2131 §4.1). Reservations, renewals and addresses that clients name are given as ever.
  package mutating func leasesWereLost(at now: Instant) { prober.leasesWereLost(at: now) }

  /// Asks for addresses, and takes silence for an answer.
  package mutating func probe(_ catalog: Catalog, at now: Instant, into actions: inout Actions) {
    prober.work(catalog, leases, at: now, into: &actions)
  }

  /// Takes an ARP frame that came in on an interface.
  ///
  /// - Parameter own: The interface's hardware address.
  package mutating func hearARP(
    _ frame: RawSpan, own: MACAddress, at now: Instant, into actions: inout Actions
  ) {
    // What is malformed here is nobody's boot; the host's own ARP counts it.
    guard let head = try? EthernetFrame(checking: frame), head.type == EtherType.arp,
      let packet = try? ARPPacket(decoding: head.payload), packet.operation == .reply,
      packet.senderHardware != own, packet.senderHardware.isUnicast
    else { return }
    hear(of: packet.sender, from: packet.senderHardware, at: now, into: &actions)
  }

  /// Takes an IPv4 packet with an ICMP echo reply.
  package mutating func hearEcho(
    _ packet: RawSpan, at now: Instant, into actions: inout Actions
  ) {
    guard let source = try? EchoMessage.sourceOfReply(in: packet) else { return }
    hear(of: source, from: nil, at: now, into: &actions)
  }

  private mutating func hear(
    of address: IPv4Address, from hardware: MACAddress?, at now: Instant,
    into actions: inout Actions
  ) {
    guard let probe = prober.answered(address, at: now) else { return }
    let isNews = leases.occupy(
      address, by: hardware, in: probe.pool, until: now + Self.quarantineDuration, at: now)
    guard isNews else { return }
    actions.record(
      Event(.addressOccupied(address, by: hardware), macAddress: hardware, address: address))
  }
}
