import Boot
import Network
import Wire

/// A client's DHCP from its DISCOVER to an address, and to a boot file where it asks for one.
struct DHCPExchange: Sendable {
  let dialect: DHCPDialect
  /// As the appliance's rules call it.
  let firmware: Firmware?

  private enum Phase: Sendable {
    case discovering
    case requesting(DHCPMeaning)
    case asking(IPv4Address)
  }

  private var phase = Phase.discovering
  private var transactionID: UInt32 = 0
  private var started = Instant.start
  private var attempt = 0
  private(set) var nextDeadline: Instant?
  /// The question that is out.
  private var question: DHCPMeaning?
  private var offers: [ReceivedReply] = []
  private var selection: OfferSelection?
  private var lease: StationLease?
  /// Why replies were not taken, each once.
  private var complaints: [String] = []

  private static let mostOffers = 16
  private static let mostComplaints = 8
  /// Who is offered an address and refused it so often never gets one.
  private static let mostRefusals = 8
  private var refusalCount = 0

  init(_ dialect: DHCPDialect, _ firmware: Firmware?) {
    self.dialect = dialect
    self.firmware = firmware
  }

  mutating func begin(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) {
    transactionID =
      dialect.transactionID ?? UInt32(truncatingIfNeeded: station.freshNumber())
    // Programs that ask anew give up what the firmware had.
    station.lease = nil
    started = now
    send(at: now, station, into: &requests)
  }

  mutating func timeout(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    guard case .discovering = phase else { return repeated(at: now, station, into: &requests) }
    if let finding = select(hasWaited: true, at: now, station, into: &requests) { return finding }
    if case .requesting = phase { return nil }
    return repeated(at: now, station, into: &requests)
  }

  private mutating func repeated(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    attempt += 1
    guard attempt < times.count else { return givenUp() }
    send(at: now, station, into: &requests)
    return nil
  }

  private func givenUp() -> Finding {
    let reasons = complaints.isEmpty ? "" : " (\(complaints.joined(separator: "; ")))"
    switch phase {
    case .discovering where offers.isEmpty && complaints.isEmpty:
      return .notLeased("nobody answers its DISCOVER")
    case .discovering: return .notLeased("no OFFER leads to a boot" + reasons)
    case .requesting: return .notLeased("nobody acknowledges its REQUEST" + reasons)
    case .asking(let server):
      // iPXE goes on with what the address's server said (`dhcp_proxy_expired`).
      if dialect.choice == .ipxe, let lease, lease.bootFile != nil { return .leased(lease) }
      return .notLeased("port 4011 of \(server) gives no answer that it takes" + reasons)
    }
  }

  private var times: [Duration] {
    switch phase {
    case .discovering: dialect.discovers
    case .requesting: dialect.requests
    case .asking: dialect.bootServerRequests
    }
  }

  /// Sends the question of the phase, for the `attempt`-th time.
  private mutating func send(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) {
    let times = times
    let next =
      attempt + 1 < times.count
      ? times[attempt + 1] : times[attempt] + lastGap(times)
    nextDeadline = started + next
    if case .discovering = phase, dialect.window > .zero, !offers.isEmpty {
      nextDeadline = min(started + next, now + dialect.window)
    }
    let seconds =
      dialect.seconds.isEmpty
      ? UInt16(clamping: (now - started).wholeSeconds)
      : dialect.seconds[min(attempt, dialect.seconds.count - 1)]
    let octets: [UInt8]
    var source = Endpoint(.unspecified, 68)
    var destination = Endpoint(.broadcast, 67)
    switch phase {
    case .discovering:
      octets = dialect.message(
        .discover, codes: dialect.discover, station.identity, transactionID: transactionID,
        seconds: seconds)
    case .requesting(let offer):
      octets = dialect.message(
        .request, codes: dialect.request, station.identity, transactionID: transactionID,
        seconds: seconds, for: offer)
    case .asking(let server):
      let address = lease?.address ?? .unspecified
      source = Endpoint(address, dialect.bootServerPort)
      destination = Endpoint(server, 4011)
      octets = dialect.message(
        .request, codes: dialect.bootServer, station.identity, transactionID: transactionID,
        seconds: seconds, at: address, for: selection?.boot?.reply)
    }
    question = DHCPMeaning(reading: octets)
    requests.append(.datagram(from: source, to: destination, octets))
  }

  private func lastGap(_ times: [Duration]) -> Duration {
    times.count > 1 ? times[times.count - 1] - times[times.count - 2] : .seconds(5)
  }
}

// Replies.
extension DHCPExchange {
  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    // Most broadcasts are others' replies: `chaddr` is looked at before anything is taken apart.
    guard let question, station.identity.macAddress.isHardwareAddress(in: datagram.payload),
      let reply = DHCPMeaning(reading: datagram.payload),
      reply.header.hardwareAddress.macAddress == station.identity.macAddress
    else { return nil }
    switch phase {
    case .discovering:
      guard reply.type == .offer, let role = ReceivedReply.role(of: reply) else { return nil }
      take(received(reply, datagram, question, role), at: now)
      return select(hasWaited: false, at: now, station, into: &requests)
    case .requesting:
      if reply.type == .nak, reply.header.transactionID == transactionID {
        complain("\(datagram.source.address) says NAK")
        refusalCount += 1
        guard refusalCount < Self.mostRefusals else { return givenUp() }
        restart(at: now, station, into: &requests)
        return nil
      }
      guard reply.type == .ack else { return nil }
      return acknowledged(
        received(reply, datagram, question, .acknowledgement), at: now, &station, into: &requests)
    case .asking:
      guard reply.type == .ack else { return nil }
      let received = received(reply, datagram, question, .bootServer)
      guard isTaken(received) else { return nil }
      lease?.take(reply)
      return lease.map { .leased($0) }
    }
  }

  private func received(
    _ reply: DHCPMeaning, _ datagram: SentDatagram, _ question: DHCPMeaning,
    _ role: ReceivedReply.Role
  ) -> ReceivedReply {
    var questionPort: UInt16 = 68
    if case .asking = phase { questionPort = dialect.bootServerPort }
    return ReceivedReply(
      firmware: firmware, question: question, questionPort: questionPort, reply: reply,
      octets: datagram.payload, source: datagram.source, destination: datagram.destination,
      role: role)
  }

  /// Whether no rule lets the reply drop.
  private mutating func isTaken(_ reply: ReceivedReply) -> Bool {
    let refusals = ReplyRule.refusals(of: reply).filter { $0.effect == .dropped }
    for refusal in refusals {
      complain("the \(reply.role.rawValue) of \(reply.source.address) is not taken: \(refusal)")
    }
    return refusals.isEmpty
  }

  private mutating func complain(_ reason: String) {
    guard complaints.count < Self.mostComplaints, !complaints.contains(reason) else { return }
    complaints.append(reason)
  }

  private mutating func take(_ offer: ReceivedReply, at now: Instant) {
    let isTaken = isTaken(offer)
    guard offers.count < Self.mostOffers, isTaken || OfferSelection.mayUse(offer) else { return }
    offers.append(offer)
    // EDK II's window is counted from its DISCOVER, iPXE's from its first.
    if dialect.window > .zero, offers.count == 1 {
      let begun = dialect.choice == .ipxe ? started : started + dialect.discovers[attempt]
      nextDeadline = min(nextDeadline ?? .never, max(now, begun + dialect.window))
    }
  }

  /// Sends the REQUEST once it is clear for which OFFER.
  private mutating func select(
    hasWaited: Bool, at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    let isLast = attempt + 1 >= dialect.discovers.count
    guard
      let selection = OfferSelection(
        dialect.choice, among: offers, hasWaited: hasWaited && isDue(now), isLast: isLast)
    else { return nil }
    self.selection = selection
    if selection.offer.role == .proxyOffer {
      let refusal = ReplyRule.refusals(of: selection.offer).first { $0.effect == .misled }
      let why = refusal?.description ?? "no address is in it"
      return .notLeased("it takes the OFFER of \(selection.offer.source.address): \(why)")
    }
    guard !dialect.takesOffers else {
      var lease = StationLease(selection.offer.reply)
      if let boot = selection.boot { take(boot.reply, into: &lease) }
      return .leased(lease)
    }
    phase = .requesting(selection.offer.reply)
    (started, attempt) = (now, 0)
    send(at: now, station, into: &requests)
    return nil
  }

  /// Whether the wait for more offers is over.
  private func isDue(_ now: Instant) -> Bool {
    guard dialect.choice == .ipxe else { return true }
    return now >= started + dialect.window
  }

  private mutating func restart(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) {
    phase = .discovering
    offers = []
    selection = nil
    attempt = min(attempt + 1, dialect.discovers.count - 1)
    started = now
    send(at: now, station, into: &requests)
  }

  private mutating func acknowledged(
    _ reply: ReceivedReply, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    // Of an address without a boot only the address is wanted here.
    let isForAddress = selection.map { $0.boot != nil && $0.boot != $0.offer } ?? false
    guard isForAddress ? OfferSelection.givesAddress(reply) : isTaken(reply) else { return nil }
    var lease = StationLease(reply.reply)
    station.lease = lease
    let refusals = ReplyRule.refusals(of: reply)
    if isForAddress, let boot = selection?.boot {
      lease.bootFile = nil
      if let server = selection?.bootServer {
        return ask(server, lease, at: now, &station, into: &requests)
      }
      take(boot.reply, into: &lease)
    } else if refusals.contains(where: { $0.effect == .asksBootServer }),
      !dialect.bootServer.isEmpty
    {
      let server = lease.bootServer ?? reply.source.address
      for refusal in refusals { complain(refusal.description) }
      lease.bootFile = nil
      return ask(server, lease, at: now, &station, into: &requests)
    } else {
      take(reply.reply, into: &lease)
    }
    if let refusal = refusals.first(where: { $0.effect == .misled }) {
      lease.bootFile = nil
      lease.remark = refusal.description
    }
    station.lease = lease
    return .leased(lease)
  }

  private func take(_ boot: DHCPMeaning, into lease: inout StationLease) {
    lease.take(boot)
    guard dialect.choice == .raspberryPi else { return }
    // A dotted quad in option 66, else whoever sent the menu (nobodd, explain-pi-netboot).
    lease.bootServer =
      boot.text(DHCPOption.tftpServerName).flatMap { IPv4Address($0) }
      ?? boot.address(DHCPOption.serverIdentifier)
  }

  private mutating func ask(
    _ server: IPv4Address, _ lease: StationLease, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    self.lease = lease
    station.lease = lease
    phase = .asking(server)
    (started, attempt) = (now, 0)
    send(at: now, station, into: &requests)
    return nil
  }
}

extension MACAddress {
  /// Whether a DHCP message's `chaddr` begins with it.
  fileprivate func isHardwareAddress(in payload: [UInt8]) -> Bool {
    payload.count >= 34 && (0..<6).allSatisfy { payload[28 + $0] == octet($0) }
  }
}
