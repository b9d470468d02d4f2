import Boot
import Network

/// Why a machine is not armed, or approved.
package enum ArmingRefusal: Error, Hashable, Sendable {
  /// Neither the catalog nor a discovery has it.
  case unknownMachine
  /// What it boots installs nothing.
  case nothingToInstall(profile: String)
  /// Too many machines that nobody named are armed or installed.
  case tooMany
}

// The operator's words.
extension DHCPService {
  /// Permits one installation of a machine, by its name or its hardware address with dashes.
  ///
  /// - Parameters:
  ///   - duration: Until its report; nil: as its profile says.
  ///   - cause: By whom.
  package mutating func arm(
    _ name: String, for duration: Duration? = nil, _ cause: String, _ catalog: Catalog,
    at now: Instant, dice: () -> UInt64
  ) throws(ArmingRefusal) -> ProvisionOutcome {
    let machine = catalog.machine(named: name)
    let own = machine?.macAddress ?? (machine == nil ? MACAddress(name) : nil)
    guard machine != nil || provisions[name] != nil else { throw .unknownMachine }
    var sighting =
      catalog.sighting(named: name, in: sightings) ?? Sighting(macAddress: own ?? .zero)
    if sighting.uuid == nil { sighting.uuid = machine?.uuid }
    let home = leases.address(of: .hardware(sighting.macAddress))
    let subnet = (machine?.address ?? home).flatMap { catalog.subnet(holding: $0) }
    var reasons: [Reason] = []
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: provisions, reasons: &reasons)
    let profile = decision.profile
    switch profile?.boot {
    // What is chosen on its screen is not known yet, nor what suits a machine that never came.
    case .menu, nil: break
    case .kernel, .script, .scriptNamed, .discover, .local:
      if let profile, profile.install == nil { throw .nothingToInstall(profile: profile.name) }
    }
    let expiry = duration ?? profile?.install?.expiry ?? InstallPolicy().expiry
    let outcome = provisions.arm(
      name, site: catalog.site(of: machine, on: subnet), macAddress: own,
      for: profile?.install == nil ? "" : profile?.name ?? "", until: now + expiry,
      relayPort: machine?.relayPort ?? [], token: BootToken(dice: dice), cause, at: now)
    guard !outcome.isEmpty else { throw .tooMany }
    return outcome
  }

  /// Gives a machine that came without a name the name of an object that the catalog has now.
  package mutating func approve(
    _ machine: MACAddress, as name: String, _ cause: String, _ catalog: Catalog, at now: Instant
  ) -> ProvisionOutcome {
    let subnet = leases.address(of: .hardware(machine)).flatMap { catalog.subnet(holding: $0) }
    return provisions.approve(
      machine, as: name, site: catalog.site(of: catalog.machine(named: name), on: subnet), cause,
      at: now)
  }

  /// Puts back what was before an outcome that could not be kept.
  package mutating func undo(_ outcome: ProvisionOutcome) {
    provisions.undo(outcome.formers)
    nodes.undo(outcome.formers)
  }

  /// When to call ``timeout(at:)``; nothing may be due then after all.
  package var nextDeadline: Instant? { provisions.nextDeadline }

  /// Ends what was to be done by now.
  package mutating func timeout(at now: Instant) -> ProvisionOutcome { provisions.expire(at: now) }
}
