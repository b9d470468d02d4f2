import Network

/// Whether a profile that installs may do so on a machine now.
package enum InstallPermission: Hashable, Sendable {
  /// It is armed, or its installation is under way.
  case given(Provision)
  /// It was never provisioned, and its profile arms it by itself.
  case firstContact
  /// It boots from its own disk.
  case refused(ProvisionState)
  /// It is armed for the profile of this name, which is another one.
  case elsewhere(profile: String)

  package var isGiven: Bool {
    switch self {
    case .given, .firstContact: true
    case .refused, .elsewhere: false
    }
  }
}

extension ProvisionTable {
  /// What holds for the machine `name`, if it came now.
  ///
  /// - Parameters:
  ///   - machine: Its hardware, which may have been installed under another name.
  ///   - isListed: Whether the operator named it.
  ///   - isNewBoot: Whether firmware asks, and not an installer on its way.
  package func permission(
    of name: String, _ machine: MACAddress, isListed: Bool, _ profile: String,
    _ policy: InstallPolicy, isNewBoot: Bool = false
  ) -> InstallPermission {
    let row = self[name]
    if isNewBoot, policy.report == .firstBoot, row?.state == .installing {
      return .refused(.installing)
    }
    if let row, let arming = row.arming {
      return arming.profile.isEmpty || arming.profile == profile
        ? .given(row) : .elsewhere(profile: arming.profile)
    }
    let isNew = row?.state ?? .discovered == .discovered && !isProvisioned(machine)
    switch policy.arm {
    case .firstContact where isNew && (isListed || row != nil || takesUnnamed):
      return .firstContact
    case .firstContact, .byOperator:
      return .refused(row?.state ?? (isListed ? .approved : .discovered))
    }
  }
}
