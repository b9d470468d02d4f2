import Network

/// No address is in use by two machines, as the machines know it, and none is offered to one while
/// another has it or was offered it (invariant 2).
struct AddressChecker: Sendable {
  /// A machine that uses an address, or was offered it, and until when.
  private struct Claim: Sendable {
    let machine: MACAddress
    let end: Instant
  }

  private struct Grant: Sendable {
    let address: IPv4Address
    let lease: Duration
  }

  /// By machine: when it sent the first REQUEST of its transaction. A client counts its lease from
  /// its REQUEST (RFC 2131 §4.4.1).
  private var asked: [MACAddress: (transaction: UInt32, time: Instant)] = [:]
  /// What it asks to have longer, by its transaction.
  private var renewing: [MACAddress: [UInt32: IPv4Address]] = [:]
  private var granted: [MACAddress: Grant] = [:]
  private var uses: [IPv4Address: Claim] = [:]
  private var holds: [IPv4Address: Claim] = [:]
  private var held: [MACAddress: IPv4Address] = [:]
  private let machines: [MACAddress]
  /// Addresses that the operator gave to machines.
  private let reservations: [MACAddress: IPv4Address]
  private let server: IPv4Address
  /// Boards that take an OFFER for the address itself (``Quirk/piOfferIsEnough``).
  private let leastHold = Duration.seconds(60)

  init(
    _ machines: [MACAddress], reservations: [MACAddress: IPv4Address], server: IPv4Address
  ) {
    self.machines = machines
    self.reservations = reservations
    self.server = server
  }

  mutating func requested(_ message: DHCPGlimpse, at time: Instant) {
    guard message.type == DHCPGlimpse.request,
      asked[message.machine]?.transaction != message.transactionID
    else { return }
    asked[message.machine] = (message.transactionID, time)
    renewing[message.machine] =
      message.clientAddress == .unspecified ? nil : [message.transactionID: message.clientAddress]
  }

  /// What a client's message ends, once the server has it.
  mutating func arrived(_ message: DHCPGlimpse) {
    let giveUp =
      message.type == DHCPGlimpse.release || message.type == DHCPGlimpse.decline
      || message.type == DHCPGlimpse.request && message.server != server
    if giveUp, let address = held.removeValue(forKey: message.machine) { holds[address] = nil }
  }

  mutating func stopped() {
    holds = [:]
    held = [:]
  }

  mutating func sent(
    _ reply: DHCPGlimpse, at time: Instant, into complaints: inout Complaints
  ) {
    if reply.type == DHCPGlimpse.nak { refused(reply, at: time, into: &complaints) }
    let address = reply.yourAddress
    guard address != .unspecified else { return }
    let isOffer = reply.type == DHCPGlimpse.offer
    guard isOffer || reply.type == DHCPGlimpse.ack else { return }
    if let use = uses[address], use.machine != reply.machine, use.end > time {
      complaints.add(
        .oneMachine, at: time,
        "\(address) is \(isOffer ? "offered" : "granted") to \(reply.machine) while "
          + "\(use.machine) has it until \(Transcript.seconds(use.end))")
    }
    if let hold = holds[address], hold.machine != reply.machine, hold.end > time {
      complaints.add(
        .hold, at: time,
        "\(address) is \(isOffer ? "offered" : "granted") to \(reply.machine) while it is held "
          + "for \(hold.machine)")
    }
    if let former = held.removeValue(forKey: reply.machine) { holds[former] = nil }
    if isOffer {
      holds[address] = Claim(machine: reply.machine, end: time + leastHold)
      held[reply.machine] = address
    } else {
      holds[address] = nil
      let lease = Duration.seconds(Int64(reply.leaseSeconds ?? 0))
      granted[reply.machine] = Grant(address: address, lease: lease)
      // A renewal: it uses the address already.
      if let use = uses[address], use.machine == reply.machine,
        let begin = asked[reply.machine]?.time
      {
        uses[address] = Claim(machine: use.machine, end: max(use.end, begin + lease))
      }
    }
  }

  /// A machine whose lease has not ended asks for more of it, and is refused. One that lives elsewhere,
  /// because it once found another host at its reserved address, may be sent home when that is free.
  private func refused(
    _ reply: DHCPGlimpse, at time: Instant, into complaints: inout Complaints
  ) {
    guard let address = renewing[reply.machine]?[reply.transactionID], let use = uses[address],
      use.machine == reply.machine, use.end > time
    else { return }
    if let home = reservations[reply.machine], home != address {
      guard let other = uses[home], other.end > time else { return }
    }
    complaints.add(
      .kept, at: time,
      "\(reply.machine) has \(address) until \(Transcript.seconds(use.end)), and may not renew it")
  }

  /// A client has taken an address, or given it up.
  mutating func addressed(
    _ client: Int, _ address: IPv4Address?, at time: Instant, into complaints: inout Complaints
  ) {
    let machine = machines[client]
    for (used, claim) in uses where claim.machine == machine { uses[used] = nil }
    // What was damaged on its way to the client is nobody's lease.
    guard let address, let grant = granted[machine], grant.address == address,
      let begin = asked[machine]?.time
    else { return }
    if let use = uses[address], use.end > time {
      complaints.add(
        .oneMachine, at: time, "\(machine) and \(use.machine) both have \(address)")
    }
    uses[address] = Claim(machine: machine, end: begin + grant.lease)
  }
}
