/// What one machine, with its firmware, may have now, and what was chosen on the way.
package struct Decision: Sendable {
  package let instruction: BootInstruction
  /// nil: nobody named it.
  package let machine: Machine?
  /// nil: none was named or matched, and there is no default.
  package let profile: Profile?
}

/// A rule that the decision tried, in order: the truth behind `explain`, timeline and log.
package enum Reason: Hashable, Sendable {
  case machineNamed(String, by: Machine.Mark)
  case machineUnlisted
  case profileNamed(String)
  case profileMatched(String, criteria: Int)
  case profileMissed(String, by: Match.Criterion)
  /// It is for the machines of another site.
  case profileElsewhere(String, site: String)
  case profileDefault(String)
  case profileAbsent
  case ignoredByPolicy
  case notBooting
  case localBoot
  case scriptForIPXE
  case namesItsFiles
  case loaderChosen(Loader)
  case loaderAbsent(Loader.Set, Architecture)
  case architectureUnknown(UInt16?)
}

extension Catalog {
  /// Decides what a machine may have now. DHCP, TFTP and HTTP all ask here, so that they cannot
  /// disagree.
  ///
  /// - Parameters:
  ///   - subnet: The one that it is on, where that is known.
  ///   - reasons: Cleared, then filled with the rules in the order tried; the caller's memory is
  ///     used again and again.
  package func decide(
    for sighting: Sighting, on subnet: Subnet?, reasons: inout [Reason]
  ) -> Decision {
    reasons.removeAll(keepingCapacity: true)
    let machine = listed(sighting, reasons: &reasons)
    let profile: Profile?
    switch choice(for: sighting, on: subnet, machine: machine, reasons: &reasons) {
    case .ignore:
      reasons.append(.ignoredByPolicy)
      return Decision(instruction: .ignore, machine: machine, profile: nil)
    case .profile(let chosen):
      profile = resolved(chosen, for: sighting, on: subnet, machine: machine)
    case .none: profile = nil
    }
    let instruction = instruct(sighting.firmware, profile: profile, reasons: &reasons)
    return Decision(instruction: instruction, machine: machine, profile: profile)
  }

  /// The name that stands for silence where a profile is named.
  package static let ignore = "ignore"

  private enum Choice {
    case profile(Profile)
    case ignore
    case none
  }

  private func listed(_ sighting: Sighting, reasons: inout [Reason]) -> Machine? {
    guard let (machine, mark) = machine(sighting) else {
      reasons.append(.machineUnlisted)
      return nil
    }
    reasons.append(.machineNamed(machine.name, by: mark))
    return machine
  }

  private func choice(
    for sighting: Sighting, on subnet: Subnet?, machine: Machine?, reasons: inout [Reason]
  ) -> Choice {
    if let name = machine?.profile {
      if name == Self.ignore { return .ignore }
      if let profile = profile(named: name), isHere(profile, machine, subnet, &reasons) {
        reasons.append(.profileNamed(name))
        return .profile(profile)
      }
    }
    if let profile = matched(sighting, on: subnet, machine: machine, reasons: &reasons) {
      return .profile(profile)
    }
    switch defaultProfile {
    case .ignore: return .ignore
    case .profile(let name):
      guard let profile = profile(named: name), isHere(profile, machine, subnet, &reasons) else {
        break
      }
      reasons.append(.profileDefault(name))
      return .profile(profile)
    case .none: break
    }
    reasons.append(.profileAbsent)
    return .none
  }

  /// Whether the profile is for the site of the machine.
  private func isHere(
    _ profile: Profile, _ machine: Machine?, _ subnet: Subnet?, _ reasons: inout [Reason]
  ) -> Bool {
    guard let owner = profile.site, owner != site(of: machine, on: subnet) else { return true }
    reasons.append(.profileElsewhere(profile.name, site: owner))
    return false
  }

  /// The most specific profile that matches. A configuration with ties is refused when it is read.
  private func matched(
    _ sighting: Sighting, on subnet: Subnet?, machine: Machine?, reasons: inout [Reason]
  ) -> Profile? {
    var best: Profile?
    let site = site(of: machine, on: subnet)
    for profile in profiles where profile.match.specificity > 0 {
      guard isHere(profile, machine, subnet, &reasons) else { continue }
      let missed = profile.match.missed(
        by: sighting, subnet: subnet, machine: machine, site: site)
      if let missed {
        reasons.append(.profileMissed(profile.name, by: missed))
        continue
      }
      reasons.append(.profileMatched(profile.name, criteria: profile.match.criteriaCount))
      if profile.match.specificity > (best?.match.specificity ?? 0) { best = profile }
    }
    return best
  }

  private func instruct(
    _ firmware: Firmware?, profile: Profile?, reasons: inout [Reason]
  ) -> BootInstruction {
    guard let firmware else {
      reasons.append(.notBooting)
      return .nothing
    }
    if firmware.kind == .ipxe {
      // iPXE gets its script even for a local boot: the script says how this firmware leaves.
      reasons.append(.scriptForIPXE)
      return .script
    }
    if case .local = profile?.boot {
      reasons.append(.localBoot)
      return .local
    }
    if firmware.namesItsFiles {
      reasons.append(.namesItsFiles)
      return .native
    }
    guard let architecture = firmware.architecture else {
      reasons.append(.architectureUnknown(firmware.code))
      return .unsupported
    }
    let set = profile?.loader ?? .ipxe
    guard let loader = loader(set, for: architecture) else {
      reasons.append(.loaderAbsent(set, architecture))
      return .unsupported
    }
    reasons.append(.loaderChosen(loader))
    return .loader(loader)
  }
}
