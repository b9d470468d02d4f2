import Network

extension Variables {
  /// What `{{variable}}` stands for; nil renders as nothing.
  subscript(variable: TemplateVariable) -> TemplateValue? {
    switch variable {
    case .name(let name): self[name]
    case .value(let name): values[name].map { .text($0) }
    case .label(let name): labels[name].map { .text($0) }
    case .secret(let name):
      secrets[name].map { .text(isMasked ? Secret.Text.mask : $0.revealed) }
    }
  }

  private subscript(name: TemplateName) -> TemplateValue? {
    switch name {
    case .serverHTTP: .text(server.http)
    case .serverHTTPS: server.https.map { .text($0) }
    case .serverAddress: .text(server.address.description)
    case .machineName, .machineMAC, .machineMACDashed, .machineUUID, .machineSerial,
      .machineAddress, .machineArchitecture, .machineFirmware, .machineAnswers, .machineReport,
      .machineHostname, .machineHooks, .machineScripts, .machineManufacturer, .machineProduct,
      .machineAsset:
      machine[name].map { .text($0) }
    case .machineSite, .siteName: .text(site)
    case .keysAuthorized: .list(keys)
    case .keysAuthorizedKeys: .text(keys.map { $0 + "\n" }.joined())
    case .profileName: .text(profile)
    case .profileKernel: .text(kernel)
    case .profileInitrd: .list(initrd)
    case .profileArguments: .text(arguments)
    case .subnetDNS: dns
    case .subnetNetwork, .subnetNetmask, .subnetPrefix, .subnetRouter, .subnetDomain:
      subnet?[name].map { .text($0) }
    }
  }

  /// The name servers that DHCP names too: without a setting, this appliance.
  private var dns: TemplateValue? {
    guard let subnet else { return nil }
    return .list((subnet.dns ?? [server.address]).map(\.description))
  }
}

extension Variables.MachineVariables {
  fileprivate subscript(variable: TemplateName) -> String? {
    switch variable {
    case .machineName: name
    case .machineMAC: macAddress?.description
    case .machineMACDashed: macAddress?.dashed
    case .machineUUID: uuid?.description
    case .machineSerial: serial
    case .machineAddress: address?.description
    case .machineArchitecture: architecture?.rawValue
    case .machineFirmware: firmware?.rawValue
    case .machineAnswers: answers
    case .machineReport: report
    case .machineHooks: hooks
    case .machineScripts: scripts
    case .machineHostname: hostname ?? name
    case .machineManufacturer: facts["manufacturer"]
    case .machineProduct: facts["product"]
    case .machineAsset: facts["asset"]
    case .serverHTTP, .serverHTTPS, .serverAddress, .profileName, .profileKernel, .profileInitrd,
      .profileArguments, .subnetNetwork, .subnetNetmask, .subnetPrefix, .subnetRouter, .subnetDNS,
      .subnetDomain, .siteName, .machineSite, .keysAuthorized, .keysAuthorizedKeys:
      nil
    }
  }
}

extension Subnet {
  fileprivate subscript(variable: TemplateName) -> String? {
    switch variable {
    case .subnetNetwork: network.network.description
    case .subnetNetmask: network.netmask.description
    case .subnetPrefix: String(network.length)
    case .subnetRouter: router?.description
    case .subnetDomain: domain
    case .serverHTTP, .serverHTTPS, .serverAddress, .machineName, .machineMAC,
      .machineMACDashed, .machineUUID,
      .machineSerial, .machineAddress, .machineArchitecture, .machineFirmware, .machineAnswers,
      .machineReport, .machineHostname, .machineHooks, .machineScripts, .machineSite,
      .machineManufacturer, .machineProduct, .machineAsset, .profileName, .profileKernel,
      .profileInitrd, .profileArguments, .subnetDNS, .siteName, .keysAuthorized,
      .keysAuthorizedKeys:
      nil
    }
  }
}
