import Boot
import Network

/// A decision on a boot, with the token that it gives where it installs.
struct Admission {
  var decision: Decision
  /// Stands for the machine's name in the URLs of its installation.
  var token: BootToken?
  /// Why it gets no token though it is armed.
  var refusal: AnswerRefusal?
  var outcome = ProvisionOutcome()

  init(_ decision: Decision) { self.decision = decision }
}

extension DHCPService {
  /// Decides what a machine boots, and gives it the token of its installation.
  ///
  /// A token goes only to the address that the machine is known to have: who asks in another's name
  /// gets a script that says why not, and changes nothing.
  ///
  /// - Parameters:
  ///   - choice: Of its profile's menu.
  ///   - file: What is asked for, for the event of a refusal.
  ///   - isNewBoot: Whether firmware asks: an installation that was under way has ended then,
  ///     well where the installed system reports, else not.
  mutating func admit(
    _ sighting: Sighting, _ choice: String?, _ inquiry: Inquiry, _ file: String, isNewBoot: Bool,
    reasons: inout [Reason]
  ) -> Admission {
    let name = inquiry.catalog.name(of: sighting)
    var decision = decided(sighting, choice, inquiry, isNewBoot, &reasons)
    guard let permission = decision.permission, permission.isGiven, let profile = decision.profile
    else { return Admission(decision) }
    if let refusal = refusal(of: inquiry, for: name, sighting, provisions[name]) {
      var admission = Admission(decision)
      admission.refusal = refusal
      admission.outcome.events = [refused(refusal, file, of: name, inquiry)]
      return admission
    }
    var outcome = ProvisionOutcome()
    switch permission {
    case .given(let provision) where provision.state == .installing && isNewBoot:
      outcome += provisions.bootAgain(name, at: inquiry.time)
      decision = decided(sighting, choice, inquiry, isNewBoot, &reasons)
    case .firstContact:
      let machine = decision.machine
      outcome += provisions.arm(
        name, site: inquiry.catalog.site(of: machine, on: inquiry.subnet),
        macAddress: sighting.macAddress, for: profile.name,
        until: inquiry.time + (profile.install?.expiry ?? .zero),
        relayPort: sighting.relayPort, token: BootToken(dice: inquiry.dice), "first contact",
        at: inquiry.time)
      decision = decided(sighting, choice, inquiry, isNewBoot, &reasons)
    case .given, .refused, .elsewhere: break
    }
    if case .given = decision.permission {
      outcome += provisions.bind(
        name, to: sighting.macAddress, relayPort: sighting.relayPort, profile: profile.name)
    }
    var admission = Admission(decision)
    admission.token = provisions[name]?.arming?.token
    admission.outcome = outcome
    return admission
  }

  private func decided(
    _ sighting: Sighting, _ choice: String?, _ inquiry: Inquiry, _ isNewBoot: Bool,
    _ reasons: inout [Reason]
  ) -> Decision {
    inquiry.catalog.decide(
      for: sighting, on: inquiry.subnet, provisions: provisions, choosing: choice,
      isNewBoot: isNewBoot, reasons: &reasons)
  }

  /// Why who asks is not taken for the machine `name`, shown by `sighting`; nil when it is.
  ///
  /// The strongest mark that the operator gave must hold: a UUID is anybody's to send, where the
  /// hardware address is known too.
  private func refusal(
    of inquiry: Inquiry, for name: String, _ sighting: Sighting, _ provision: Provision?
  ) -> AnswerRefusal? {
    guard let asking = machine(at: inquiry.address, at: inquiry.time) else {
      return .unknownAddress
    }
    guard asking == sighting.macAddress else { return .otherMachine }
    let listed = inquiry.catalog.machine(named: name)
    if let own = listed?.macAddress, own != asking { return .otherMachine }
    if let arming = provision?.arming {
      guard inquiry.time < arming.expiry else { return .expired }
      if let own = provision?.macAddress, own != asking { return .otherMachine }
    }
    let ports = [listed?.relayPort ?? [], provision?.arming?.relayPort ?? []]
    return ports.allSatisfy { Self.isSame($0, sighting.relayPort) } ? nil : .otherPort
  }

  /// Why who asks with the token of `provision` is not its machine; nil when it is.
  func refusal(of inquiry: Inquiry, bearing provision: Provision) -> AnswerRefusal? {
    guard let asking = sighting(at: inquiry.address, at: inquiry.time) else {
      return .unknownAddress
    }
    // Nobody was given the token before it was bound to hardware.
    guard asking.macAddress == provision.macAddress else { return .otherMachine }
    // Other hardware has its name by now.
    if let own = inquiry.catalog.machine(named: provision.machine)?.macAddress,
      own != asking.macAddress
    {
      return .otherMachine
    }
    return Self.isSame(provision.arming?.relayPort ?? [], asking.relayPort) ? nil : .otherPort
  }

  /// Whether two ports of relays are not known to differ.
  private static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.isEmpty || other.isEmpty || one == other
  }

  func refused(
    _ refusal: AnswerRefusal, _ file: String, of machine: String, _ inquiry: Inquiry
  ) -> Event {
    Event(
      .answerRefused(machine: machine, file: BootToken.masked(file), refusal),
      macAddress: self.machine(at: inquiry.address, at: inquiry.time), address: inquiry.address)
  }
}
