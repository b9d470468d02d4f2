import Network

extension Catalog {
  /// What templates may name for the machine of a sighting.
  ///
  /// - Parameters:
  ///   - address: The address that it asks from.
  ///   - server: How it reaches us.
  ///   - provision: What it showed of itself.
  ///   - token: Stands for its name in the URLs of an installation.
  package func variables(
    for sighting: Sighting, _ decision: Decision, at address: IPv4Address,
    server: Variables.Server, provision: Provision? = nil, token: BootToken? = nil
  ) -> Variables {
    let machine = decision.machine
    let profile = decision.profile
    let subnet = subnet(holding: address)
    let site = site(of: machine, on: subnet)
    var variables = Variables(
      server: server, site: site,
      machine: Variables.MachineVariables(
        name: machine?.name ?? sighting.macAddress.dashed, macAddress: sighting.macAddress,
        uuid: sighting.uuid, serial: machine?.serial ?? sighting.serial, address: address,
        architecture: sighting.architecture, firmware: sighting.firmware?.kind),
      profile: profile?.name ?? "", subnet: subnet, values: values(of: machine, profile),
      labels: machine?.labels ?? [:], keys: authorizedKeys(at: site),
      secrets: profile?.install == nil ? [:] : secrets(at: site, of: machine?.name))
    variables.machine.facts = provision?.facts ?? [:]
    if let token { variables.machine.urlName = token.text }
    if case .kernel(let boot) = decision.boot {
      let kernel = boot.kernel.rendered(variables)
      let initrd = boot.initrd.map { $0.rendered(variables) }
      variables.arguments = boot.arguments.rendered(variables)
      variables.kernel = kernel
      variables.initrd = initrd
    }
    return variables
  }

  /// A sighting of the machine that a URL names: a name of the catalog's, or a hardware address
  /// with dashes. nil when it is neither.
  package func sighting(named name: String, in sightings: Sightings) -> Sighting? {
    if let machine = machine(named: name) {
      if let address = machine.macAddress {
        return sightings[address] ?? Sighting(macAddress: address)
      }
      // Known by another mark: the sighting that shows it is found by whoever asks.
      return nil
    }
    guard let address = MACAddress(name), address.dashed == name else { return nil }
    return sightings[address] ?? Sighting(macAddress: address)
  }
}
