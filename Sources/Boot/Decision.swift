import Network

/// What one machine, with its firmware, may have now, and what was chosen on the way.
package struct Decision: Sendable {
  package let instruction: BootInstruction
  /// nil: nobody named it.
  package let machine: Machine?
  /// nil: none was named or matched, and there is no default.
  package let profile: Profile?
  /// What its profile boots, but its own disk where that would install and may not now.
  package let boot: Profile.Boot?
  /// nil: its profile installs nothing.
  package let permission: InstallPermission?

  init(
    instruction: BootInstruction, machine: Machine?, profile: Profile? = nil,
    boot: Profile.Boot? = nil, permission: InstallPermission? = nil
  ) {
    self.instruction = instruction
    self.machine = machine
    self.profile = profile
    self.boot = boot ?? profile?.boot
    self.permission = permission
  }

  /// An installation under way: its profile was decided on when its machine got the token.
  package init(installing profile: Profile, on machine: Machine?, _ provision: Provision) {
    self.init(
      instruction: .nothing, machine: machine, profile: profile, boot: profile.boot,
      permission: .given(provision))
  }
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
  case menuChosen(String)
  /// Its menu has no such entry.
  case menuLacks(String)
  case armed(for: String)
  /// Its profile arms a machine that was never provisioned.
  case firstContact
  /// Its profile installs, and the machine is in this state.
  case notArmed(ProvisionState)
  case armedElsewhere(profile: String)
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
  ///   - provisions: Whose installations are permitted now.
  ///   - entry: What was chosen of its profile's menu.
  ///   - isNewBoot: Whether firmware asks for what to boot, and not an installer on its way.
  ///   - reasons: Cleared, then filled with the rules in the order tried; the caller's memory is
  ///     used again and again.
  package func decide(
    for sighting: Sighting, on subnet: Subnet?, provisions: ProvisionTable,
    choosing entry: String? = nil, isNewBoot: Bool = false, reasons: inout [Reason]
  ) -> Decision {
    reasons.removeAll(keepingCapacity: true)
    let machine = listed(sighting, reasons: &reasons)
    let profile: Profile?
    switch choice(for: sighting, on: subnet, machine: machine, reasons: &reasons) {
    case .ignore:
      reasons.append(.ignoredByPolicy)
      return Decision(instruction: .ignore, machine: machine)
    case .profile(let first):
      let chosen = chosen(entry, first, machine, subnet, reasons: &reasons)
      profile = resolved(chosen, for: sighting, on: subnet, machine: machine)
    case .none: profile = nil
    }
    let permission = permission(
      profile, machine?.name ?? sighting.macAddress.dashed, sighting.macAddress,
      isListed: machine != nil, provisions,
      isNewBoot: isNewBoot, reasons: &reasons)
    var booted = profile
    if permission?.isGiven == false { booted?.boot = .local }
    let instruction = instruct(sighting.firmware, profile: booted, reasons: &reasons)
    return Decision(
      instruction: instruction, machine: machine, profile: profile, boot: booted?.boot,
      permission: permission)
  }

  /// The entry of the profile's menu that was chosen; the menu itself where it has no such entry.
  private func chosen(
    _ choice: String?, _ profile: Profile, _ machine: Machine?, _ subnet: Subnet?,
    reasons: inout [Reason]
  ) -> Profile {
    guard let choice, case .menu(let menu) = profile.boot else { return profile }
    guard menu.entries.contains(choice), let entry = self.profile(named: choice),
      isHere(entry, machine, subnet, &reasons)
    else {
      reasons.append(.menuLacks(choice))
      return profile
    }
    reasons.append(.menuChosen(choice))
    return entry
  }

  private func permission(
    _ profile: Profile?, _ name: String, _ machine: MACAddress, isListed: Bool,
    _ provisions: ProvisionTable,
    isNewBoot: Bool, reasons: inout [Reason]
  ) -> InstallPermission? {
    guard let profile, let policy = profile.install else { return nil }
    let permission = provisions.permission(
      of: name, machine, isListed: isListed, profile.name, policy, isNewBoot: isNewBoot)
    switch permission {
    case .given: reasons.append(.armed(for: profile.name))
    case .firstContact: reasons.append(.firstContact)
    case .refused(let state): reasons.append(.notArmed(state))
    case .elsewhere(let profile): reasons.append(.armedElsewhere(profile: profile))
    }
    return permission
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
    // UEFI's HTTP Boot knows no way to say so: it is given a loader, whose script leaves.
    if case .local = profile?.boot, firmware.kind != .http || firmware.namesItsFiles {
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
