import Network

extension Variables {
  /// What `{{variable}}` stands for; nil renders as nothing.
  subscript(variable: TemplateVariable) -> TemplateValue? {
    switch variable {
    case .name(let name): self[name]
    case .value(let name): values[name].map { .text($0) }
    }
  }

  private subscript(name: TemplateName) -> TemplateValue? {
    switch name {
    case .serverHTTP: .text(server.http)
    case .serverHTTPS: server.https.map { .text($0) }
    case .serverAddress: .text(server.address.description)
    case .machineName, .machineMAC, .machineMACDashed, .machineUUID, .machineSerial,
      .machineAddress, .machineArchitecture, .machineFirmware, .machineAnswers, .machineReport,
      .machineHostname:
      machine[name].map { .text($0) }
    case .profileName: .text(profile)
    case .profileKernel: .text(kernel)
    case .profileInitrd: .list(initrd)
    case .profileArguments: .text(arguments)
    case .subnetDNS: dns
    case .subnetNetwork, .subnetNetmask, .subnetPrefix, .subnetRouter, .subnetDomain:
      subnet?[name].map { .text($0) }
    case .siteName: .text(site)
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
    case .machineHostname: hostname ?? name
    case .serverHTTP, .serverHTTPS, .serverAddress, .profileName, .profileKernel, .profileInitrd,
      .profileArguments, .subnetNetwork, .subnetNetmask, .subnetPrefix, .subnetRouter, .subnetDNS,
      .subnetDomain, .siteName:
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
      .machineReport, .machineHostname, .profileName, .profileKernel, .profileInitrd,
      .profileArguments, .subnetDNS, .siteName:
      nil
    }
  }
}
