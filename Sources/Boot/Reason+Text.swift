extension Reason: CustomStringConvertible {
  /// One sentence: what was tried, and what came of it.
  package var description: String {
    switch self {
    case .machineNamed(let name, let mark):
      "It is the machine \(name), told by its \(mark.rawValue)."
    case .machineUnlisted: "No machine of the configuration has any of its marks."
    case .profileNamed(let name): "Its machine has the profile \(name)."
    case .profileMatched(let name, let count):
      "The profile \(name) matches by \(count) \(count == 1 ? "criterion" : "criteria")."
    case .profileMissed(let name, let criterion):
      "The profile \(name) does not match: its \(criterion.rawValue) is another."
    case .profileElsewhere(let name, let site):
      "The profile \(name) is for machines of the site \(site) only."
    case .profileDefault(let name): "No profile is more its own: \(name) is the default."
    case .menuChosen(let name): "Of its menu \(name) was chosen."
    case .menuLacks(let name): "Its menu has no entry \(Escaped(name))."
    case .armed(let profile): "It is armed: \(profile) may install it."
    case .firstContact: "It was never provisioned: its profile arms it when it asks for its script."
    case .notArmed(let state):
      "Its profile installs, and it is \(state.rawValue), not armed: it boots from its own disk."
    case .armedElsewhere(let profile):
      "It is armed for the profile \(profile) and for no other: it boots from its own disk."
    case .profileAbsent: "No profile matches, and there is no default-profile."
    case .ignoredByPolicy: "The configuration says to ignore it: it is not answered."
    case .notBooting: "It does not ask to boot: it gets an address and nothing else."
    case .localBoot: "Its profile boots from its own disk: nothing is offered to start."
    case .scriptForIPXE: "It is iPXE, which gets its script."
    case .namesItsFiles: "This firmware asks for files by names of its own."
    case .loaderChosen(let loader):
      "\(loader.path) is the loader of the set \(loader.set.rawValue) for"
        + " \(loader.architecture.rawValue)."
    case .loaderAbsent(let set, let architecture):
      "No loader of the set \(set.rawValue) is installed for \(architecture.rawValue):"
        + " `bootwire loaders list` shows what is."
    case .architectureUnknown(let code):
      code.map { "Its architecture code \($0) is in no row of the table." }
        ?? "It says no architecture."
    }
  }

  /// Whether what was tried holds; a rule that does not leads to the next one.
  package var isMatch: Bool {
    switch self {
    case .machineUnlisted, .profileMissed, .profileElsewhere, .profileAbsent, .loaderAbsent,
      .architectureUnknown, .menuLacks, .notArmed, .armedElsewhere:
      false
    case .machineNamed, .profileNamed, .profileMatched, .profileDefault, .ignoredByPolicy,
      .menuChosen, .armed, .firstContact,
      .notBooting, .localBoot, .scriptForIPXE, .namesItsFiles, .loaderChosen:
      true
    }
  }
}
