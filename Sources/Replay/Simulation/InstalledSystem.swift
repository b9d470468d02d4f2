import Boot
import Bytes
import Network
import Wire

/// An installed system, which boots nothing and keeps its address: it renews, rebinds, gives the address
/// back or refuses it, and asks anew when its lease has ended (RFC 2131 §4.4.5, §4.4.6, §3.1 step 5).
struct InstalledSystem: BootClient {
  private enum Phase: Sendable {
    /// Until it has an address.
    case asking(BootMachine)
    case bound(StationLease, Term)
    /// Without an address, until then.
    case resting(Instant)
  }

  /// How long a lease lasts, and what is asked of its end.
  private struct Term: Sendable {
    var since: Instant
    var duration: Duration
    var next: Instant
    /// The question that is out, and when it was said first.
    var transaction: (number: UInt32, time: Instant)?

    init(since: Instant, duration: Duration) {
      self.since = since
      self.duration = duration
      next = since + duration / 2
    }

    var rebinding: Instant { since + duration * 7 / 8 }
    var end: Instant { since + duration }
  }

  private let identity: MachineIdentity
  private let rest: Duration
  private var phase: Phase
  private(set) var progress = BootProgress.running
  /// When the question was sent that an address answers.
  private var asked = Instant.start
  private var uses: UInt64 = 0
  private var refusals: UInt64
  private var renewals: UInt64

  init(_ identity: MachineIdentity, restingAfterFailure rest: Duration) {
    self.identity = identity
    self.rest = rest
    phase = .asking(BootMachine(.udhcpc, identity, restingAfterFailure: rest))
    // One in eight finds another host at its first address.
    refusals = identity.number(for: 5000) % 8 == 0 ? 1 : 0
    renewals = 1 + identity.number(for: 5001) % 6
  }

  var macAddress: MACAddress { identity.macAddress }

  var address: IPv4Address? {
    switch phase {
    case .asking(let machine): machine.address
    case .bound(let lease, _): lease.address
    case .resting: nil
    }
  }

  var nextDeadline: Instant? {
    switch phase {
    case .asking(let machine): machine.nextDeadline
    case .bound(_, let term): min(term.next, term.end)
    case .resting(let end): end
    }
  }

  mutating func begin(at now: Instant, into requests: inout [ClientRequest]) {
    phase = .asking(BootMachine(.udhcpc, identity, restingAfterFailure: rest))
    ask(at: now, into: &requests) { $0.begin(at: now, into: &$1) }
  }

  mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant,
    into requests: inout [ClientRequest]
  ) {}

  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, into requests: inout [ClientRequest]
  ) {
    switch phase {
    case .asking: ask(at: now, into: &requests) { $0.receive(datagram, at: now, into: &$1) }
    case .bound(let lease, let term): take(datagram, lease, term, at: now)
    case .resting: break
    }
  }

  mutating func timeout(at now: Instant, into requests: inout [ClientRequest]) {
    switch phase {
    case .asking: ask(at: now, into: &requests) { $0.timeout(at: now, into: &$1) }
    case .bound(let lease, let term): keep(lease, term, at: now, into: &requests)
    case .resting: begin(at: now, into: &requests)
    }
  }

  private mutating func ask(
    at now: Instant, into requests: inout [ClientRequest],
    _ change: (inout BootMachine, inout [ClientRequest]) -> Void
  ) {
    guard case .asking(var machine) = phase else { return }
    let count = requests.count
    change(&machine, &requests)
    if requests.count > count { asked = now }
    phase = .asking(machine)
    guard case .booted = machine.progress, let lease = machine.lease else { return }
    guard refusals == 0 else {
      refusals -= 1
      return giveUp(.decline, lease, at: now, for: .seconds(10), into: &requests)
    }
    let seconds = lease.options[DHCPOption.leaseTime]?.reduce(Int64(0)) { $0 << 8 | Int64($1) }
    phase = .bound(lease, Term(since: asked, duration: .seconds(seconds ?? 60)))
    progress = .booted(how: "its system keeps the address \(lease.address)")
  }

  /// An answer to a renewal.
  private mutating func take(
    _ datagram: SentDatagram, _ lease: StationLease, _ term: Term, at now: Instant
  ) {
    guard let transaction = term.transaction, let reply = DHCPMeaning(reading: datagram.payload),
      reply.header.hardwareAddress.macAddress == macAddress,
      reply.header.transactionID == transaction.number
    else { return }
    if reply.type == .nak { phase = .resting(now) }
    guard reply.type == .ack, reply.header.yourAddress == lease.address,
      let seconds = reply[DHCPOption.leaseTime]?.reduce(Int64(0), { $0 << 8 | Int64($1) })
    else { return }
    phase = .bound(lease, Term(since: transaction.time, duration: .seconds(seconds)))
  }

  private mutating func keep(
    _ lease: StationLease, _ term: Term, at now: Instant, into requests: inout [ClientRequest]
  ) {
    var term = term
    guard now < term.end else {
      phase = .resting(now)
      return
    }
    if term.transaction == nil {
      guard renewals > 0 else {
        renewals = 3
        return giveUp(.release, lease, at: now, for: rest, into: &requests)
      }
      renewals -= 1
      uses += 1
      let number = UInt32(truncatingIfNeeded: identity.number(for: 6000 + uses))
      term.transaction = (number, now)
    }
    let isRebinding = now >= term.rebinding
    term.next = now + max(term.duration / 12, .seconds(2))
    phase = .bound(lease, term)
    let octets = DHCPDialect.udhcpc.message(
      .request, codes: [53, 57, 55, 12, 60, 61], identity,
      transactionID: term.transaction?.number ?? 0, seconds: 0, at: lease.address)
    let server = isRebinding ? nil : lease.server
    requests.append(
      .datagram(
        from: Endpoint(lease.address, 68), to: Endpoint(server ?? .broadcast, 67), octets))
  }

  /// Says that it does not want its address, and has none for a while.
  private mutating func giveUp(
    _ type: DHCPMessageType, _ lease: StationLease, at now: Instant, for duration: Duration,
    into requests: inout [ClientRequest]
  ) {
    phase = .resting(now + duration)
    let isRelease = type == .release
    var header = DHCPHeader(hardwareAddress: HardwareAddress(macAddress))
    header.isRequest = true
    header.transactionID = UInt32(truncatingIfNeeded: identity.number(for: 7000 + uses))
    header.clientAddress = isRelease ? lease.address : .unspecified
    var output = ByteWriter()
    let writer = DHCPWriter(header, limit: 576, into: &output)
    writer.option(DHCPOption.messageType, [type.rawValue], into: &output)
    if let server = lease.server { writer.option(54, server.array, into: &output) }
    if !isRelease { writer.option(50, lease.address.array, into: &output) }
    writer.finish(into: &output)
    requests.append(
      .datagram(
        from: Endpoint(isRelease ? lease.address : .unspecified, 68),
        to: Endpoint(isRelease ? lease.server ?? .broadcast : .broadcast, 67), output.bytes))
  }
}
