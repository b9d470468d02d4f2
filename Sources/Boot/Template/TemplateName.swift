/// A variable that every template may use; `values.*` are the operator's own.
package enum TemplateName: String, CaseIterable, Hashable, Sendable {
  /// `http://ADDRESS[:PORT]` of ours as this machine reaches us, without a slash at its end.
  case serverHTTP = "server.http"
  /// `https://ADDRESS[:PORT]`; nothing where HTTPS is off.
  case serverHTTPS = "server.https"
  case serverAddress = "server.address"
  /// The configured name; the MAC address with dashes for a machine that is not listed.
  case machineName = "machine.name"
  case machineMAC = "machine.mac"
  case machineMACDashed = "machine.mac-dashed"
  case machineUUID = "machine.uuid"
  case machineSerial = "machine.serial"
  case machineAddress = "machine.address"
  case machineArchitecture = "machine.architecture"
  case machineFirmware = "machine.firmware"
  /// The path `/machines/NAME/answers`.
  case machineAnswers = "machine.answers"
  /// The path `/machines/NAME/report`.
  case machineReport = "machine.report"
  /// The path `/machines/NAME/hooks`.
  case machineHooks = "machine.hooks"
  /// The path `/machines/NAME/scripts`, where sub scripts are.
  case machineScripts = "machine.scripts"
  /// Whose machine it is; the same as `site.name`.
  case machineSite = "machine.site"
  /// What the client calls itself (option 12), else its name here.
  case machineHostname = "machine.hostname"
  /// What its firmware says of itself (SMBIOS), by way of iPXE's settings.
  case machineManufacturer = "machine.manufacturer"
  case machineProduct = "machine.product"
  case machineAsset = "machine.asset"
  case profileName = "profile.name"
  case profileKernel = "profile.kernel"
  case profileInitrd = "profile.initrd"
  case profileArguments = "profile.arguments"
  case subnetNetwork = "subnet.network"
  case subnetNetmask = "subnet.netmask"
  case subnetPrefix = "subnet.prefix"
  case subnetRouter = "subnet.router"
  case subnetDNS = "subnet.dns"
  case subnetDomain = "subnet.domain"
  case siteName = "site.name"
  /// The public keys of the machine's site, one each.
  case keysAuthorized = "keys.authorized"
  /// The same as the text of an `authorized_keys` file: a line each.
  case keysAuthorizedKeys = "keys.authorized_keys"

  /// Whether the text is the client's own, which anyone on the wire can choose. Without a
  /// filter its unusual characters become `_`: no newline of a stranger starts a command.
  package var isClientText: Bool {
    switch self {
    case .machineSerial, .machineHostname, .machineManufacturer, .machineProduct, .machineAsset:
      true
    case .serverHTTP, .serverHTTPS, .serverAddress, .machineName, .machineMAC, .machineMACDashed,
      .machineUUID, .machineAddress, .machineArchitecture, .machineFirmware, .machineAnswers,
      .machineReport, .machineHooks, .machineScripts, .machineSite, .profileName, .profileKernel,
      .profileInitrd, .profileArguments, .subnetNetwork, .subnetNetmask, .subnetPrefix,
      .subnetRouter, .subnetDNS, .subnetDomain, .siteName, .keysAuthorized, .keysAuthorizedKeys:
      false
    }
  }

  /// What stands before the point, each once, in the order of the cases.
  package static var groups: [String] {
    var groups: [String] = []
    for name in allCases {
      let group = String(name.rawValue.prefix { $0 != "." })
      if groups.last != group { groups.append(group) }
    }
    return groups
  }
}
