import Boot
import Bytes
import Network
import YAML

/// A machine as it was read, with its place.
struct MachineDraft {
  var machine: Machine
  var place: Value
}

extension ConfigurationReader {
  private static let machineKeys = [
    "name", "mac", "uuid", "serial", "client-id", "relay-port", "address", "profile", "site",
    "labels", "values",
  ]

  mutating func readMachines(_ value: Value) {
    for item in value.list(of: "machines") ?? [] {
      guard let draft = machine(item) else { continue }
      machineIndex[draft.machine.name] = machines.count
      machines.append(draft)
    }
  }

  private mutating func machine(_ item: Value) -> MachineDraft? {
    guard let fields = Fields(item, of: "a machine", keys: Self.machineKeys) else { return nil }
    var machine = Machine(name: "")
    readMarks(of: &machine, fields)
    machine.address = fields["address"]?.unicastAddress()
    if let value = fields["address"], let address = machine.address { check(address, value) }
    (machine.site, machine.labels) = tags(fields)
    if let value = fields["profile"], let name = value.text("the name of a profile, or ignore") {
      machine.profile = name
      if name != Catalog.ignore { checkProfile(of: machine, value) }
    }
    if let values = fields["values"] { machine.values = self.values(values) }
    let place = fields.required("name", of: "a machine")
    guard let name = place?.identifier(), let place else { return nil }
    machine.name = name
    marks.check(machine, fields)
    checkHoles(of: machine, place)
    register.add(
      ObjectRegister.Draft(
        kind: .machines, name: name, site: staticSite(of: machine), labels: machine.labels,
        value: item, position: place.node.position))
    return MachineDraft(machine: machine, place: place)
  }

  private func readMarks(of machine: inout Machine, _ fields: Fields) {
    machine.macAddress = fields["mac"]?.macAddress()
    machine.uuid = fields["uuid"]?.uuid()
    machine.serial = fields["serial"]?.text("a serial number")
    machine.clientIdentifier = fields["client-id"]?.octets() ?? []
    machine.relayPort = fields["relay-port"]?.octets() ?? []
    let marks = ["mac", "uuid", "serial", "client-id", "relay-port"]
    if !marks.contains(where: { fields[$0] != nil }) {
      fields.value.mistake("a machine has none of \(marks.joined(separator: ", ")) to tell it by")
    }
  }

  /// A reservation must be an address that a machine can have on a subnet of ours.
  private func check(_ address: IPv4Address, _ value: Value) {
    guard let subnet = subnet(holding: address) else {
      // Subnets with mistakes are unknown here; the reservation may well be right then.
      if findings.mistakes.isEmpty || !subnets.isEmpty {
        value.mistake("\(address) lies in none of the subnets")
      }
      return
    }
    if !subnet.network.canHost(address) {
      value.mistake("\(address) is no address of a machine in \(subnet.network)")
    } else if address == subnet.router {
      value.mistake("\(address) is the router of \(subnet.network)")
    } else if address == subnet.ownAddress {
      value.mistake("\(address) is our own address")
    }
  }

  private func subnet(holding address: IPv4Address) -> Subnet? {
    subnets.first { $0.subnet.network.contains(address) }?.subnet
  }

  /// Whose machine it is where it has its reservation; elsewhere a subnet's site may outweigh the
  /// appliance's.
  func staticSite(of machine: Machine) -> String {
    machine.site ?? machine.address.flatMap { subnet(holding: $0)?.site } ?? site
  }

  private func checkProfile(of machine: Machine, _ value: Value) {
    guard let name = machine.profile else { return }
    guard isProfile(name) else { return unknownProfile(name, value) }
    guard let owner = profile(named: name)?.site else { return }
    // Without a reservation only its boot tells which subnet it is on.
    let isKnown =
      machine.site != nil || machine.address != nil
      || !subnets.contains(where: { $0.subnet.site == owner })
    let site = staticSite(of: machine)
    if isKnown, site != owner {
      value.mistake(
        "profile \(name) is for the site \(owner) only, and this machine is of the site \(site)")
    }
  }

  /// Rendering its profile must leave no hole.
  private func checkHoles(of machine: Machine, _ place: Value) {
    guard let name = machine.profile, let profile = profile(named: name) else { return }
    let values = values.merging(profile.values) { _, own in own }
      .merging(machine.values) { _, own in own }
    for missing in profile.missingValues(in: values) {
      place.mistake(
        "machine \(machine.name) has no values.\(missing.name), which its profile \(name) uses"
          + Self.location(missing, from: place))
    }
    guard profile.install != nil, profile.templates.contains(where: \.holdsSecrets) else { return }
    let site = staticSite(of: machine)
    let secrets = secretTable.secrets(at: site, of: machine.name)
    for missing in profile.missingSecrets(in: secrets, values: values) {
      place.mistake(
        "machine \(machine.name) of the site \(site) has no secrets.\(missing.name), which its"
          + " profile \(name) uses" + Self.location(missing, from: place))
    }
  }
}

/// What tells machines apart, so that none is told twice.
struct MachineMarks {
  private struct Owner {
    let machine: String
    let file: SourceFile
    let line: Int
  }

  private var owners: [String: Owner] = [:]

  mutating func check(_ machine: Machine, _ fields: Fields) {
    let marks: [(key: String, text: String?)] = [
      ("name", machine.name), ("mac", machine.macAddress?.description),
      ("uuid", machine.uuid?.description), ("serial", machine.serial),
      ("client-id", Self.text(machine.clientIdentifier)),
      ("relay-port", Self.text(machine.relayPort)), ("address", machine.address?.description),
    ]
    let file = fields.value.file
    for case (let key, let text?) in marks {
      if let owner = owners["\(key) \(text)"] {
        let place =
          owner.file.name == file.name
          ? "line \(owner.line)"
          : owner.file.isApplied ? owner.file.name : "\(owner.file.name):\(owner.line)"
        fields[key]?.mistake(
          "\(key) \(text) is that of machine \(owner.machine) in \(place) already")
      } else {
        let line = fields[key]?.node.position.line ?? fields.value.node.position.line
        owners["\(key) \(text)"] = Owner(machine: machine.name, file: file, line: line)
      }
    }
  }

  private static func text(_ octets: [UInt8]) -> String? {
    octets.isEmpty ? nil : Hexadecimal.text(octets, separator: ":")
  }
}
