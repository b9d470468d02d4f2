import Boot
import Bytes
import Network

/// What the sender of a report hears.
package enum ReportAnswer: Hashable, Sendable {
  case taken
  /// There is no such thing as it named.
  case unknown
  case malformed
}

extension DHCPService {
  /// Takes a report, sent from `arrival` to the place of `bearer`.
  ///
  /// By the token of an installation it changes what is known; by a name it is only recorded, and of
  /// machines whose profile installs not even that: anyone could say that they are done.
  ///
  /// - Returns: The answer, to be sent when the outcome's changes are durable.
  package mutating func report(
    _ body: RawSpan, by bearer: Resource.Bearer, for arrival: Arrival, _ catalog: Catalog,
    at now: Instant
  ) -> (answer: ReportAnswer, outcome: ProvisionOutcome) {
    let inquiry = Inquiry(arrival: arrival, catalog: catalog, time: now, dice: { 0 })
    switch bearer {
    case .name(let name): return report(body, named: name, inquiry)
    case .token(let token): return report(body, bearing: token, inquiry)
    }
  }

  private func report(
    _ body: RawSpan, named name: String, _ inquiry: Inquiry
  ) -> (ReportAnswer, ProvisionOutcome) {
    let catalog = inquiry.catalog
    let machine = catalog.machine(named: name)
    guard let address = machine?.macAddress ?? MACAddress(name) ?? machine.map({ _ in .zero })
    else { return (.unknown, ProvisionOutcome()) }
    let shown =
      sighting(named: name, for: inquiry.arrival, catalog, at: inquiry.time)
      ?? Sighting(macAddress: address)
    var reasons: [Reason] = []
    let decision = catalog.decide(
      for: shown, on: inquiry.subnet, provisions: provisions, reasons: &reasons)
    guard decision.profile?.install == nil else {
      return (
        .unknown, ProvisionOutcome(events: [refused(.named, "report", of: name, inquiry)])
      )
    }
    // Anyone may say it, in any name: what is kept of it is short, and goes with who said it.
    guard body.byteCount <= ProvisionReport.Limit.bodyByteCount else {
      return (.malformed, ProvisionOutcome())
    }
    let text = String(decoding: body.octets().prefix(Self.longestWord), as: UTF8.self)
    let event = Event(
      .machineReported(text: text),
      macAddress: self.machine(at: inquiry.address, at: inquiry.time), address: inquiry.address)
    return (.taken, ProvisionOutcome(events: [event]))
  }

  /// Octets of a report by name that its event has.
  private static let longestWord = 512

  private mutating func report(
    _ body: RawSpan, bearing token: BootToken, _ inquiry: Inquiry
  ) -> (ReportAnswer, ProvisionOutcome) {
    guard let provision = provisions.provision(bearing: token), let arming = provision.arming
    else { return refusedReport(.unknownToken, "", inquiry) }
    let name = provision.machine
    if let refusal = refusal(of: inquiry, bearing: provision) {
      return refusedReport(refusal, name, inquiry)
    }
    guard inquiry.time < arming.expiry else { return refusedReport(.expired, name, inquiry) }
    let report: ProvisionReport
    do throws(Malformed) { report = try ProvisionReport(checking: body) } catch {
      var outcome = refusedReport(.malformed, name, inquiry).1
      outcome.events.append(
        Event(
          .packetMalformed(.http, reason: error.description), macAddress: provision.macAddress,
          address: inquiry.address))
      return (.malformed, outcome)
    }
    var outcome = provisions.report(report, of: name, at: inquiry.time)
    if outcome.isEmpty {
      outcome.events.append(
        Event(
          .machineReported(text: report.reason.isEmpty ? "progress" : report.reason),
          macAddress: provision.macAddress, address: inquiry.address))
    }
    // What fails, or is not done yet, is no node.
    guard report.state == .installed else { return (.taken, outcome) }
    let own = ([inquiry.address] + report.addresses).filter { isOwn($0, of: provision, inquiry) }
    outcome += nodes.take(
      report, of: provision, from: inquiry.address,
      expecting: inquiry.catalog.expectedHostKey(of: name), at: inquiry.time
    ) {
      own.contains($0)
    }
    return (.taken, outcome)
  }

  private func refusedReport(
    _ refusal: AnswerRefusal, _ name: String, _ inquiry: Inquiry
  ) -> (ReportAnswer, ProvisionOutcome) {
    (.unknown, ProvisionOutcome(events: [refused(refusal, "report", of: name, inquiry)]))
  }

  /// Whether a machine may call an address its own: one of its site's subnets that is neither ours
  /// nor the router's, and promised to nobody else.
  private func isOwn(
    _ address: IPv4Address, of provision: Provision, _ inquiry: Inquiry
  ) -> Bool {
    let catalog = inquiry.catalog
    guard let subnet = catalog.subnet(holding: address),
      catalog.site(of: nil, on: subnet) == provision.site,
      address != subnet.ownAddress, address != subnet.router, address != inquiry.arrival.local
    else { return false }
    if let other = catalog.machine(reserving: address), other.name != provision.machine {
      return false
    }
    guard let holder = machine(at: address, at: inquiry.time) else { return true }
    return holder == provision.macAddress
  }
}
