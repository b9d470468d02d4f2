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
    "name", "mac", "uuid", "serial", "client-id", "relay-port", "address", "profile", "labels",
    "values",
  ]

  mutating func readMachines(_ value: Value) {
    for item in value.list(of: "machines") ?? [] {
      if let draft = machine(item) { machines.append(draft) }
    }
  }

  private mutating func machine(_ item: Value) -> MachineDraft? {
    guard let fields = Fields(item, of: "a machine", keys: Self.machineKeys) else { return nil }
    var machine = Machine(name: "")
    readMarks(of: &machine, fields)
    machine.address = fields["address"]?.unicastAddress()
    if let value = fields["address"], let address = machine.address { check(address, value) }
    if let value = fields["profile"], let name = value.text("the name of a profile, or ignore") {
      machine.profile = name
      if name != Catalog.ignore, !isProfile(name) { unknownProfile(name, value) }
    }
    if let labels = fields["labels"] { machine.labels = texts(labels, "labels") }
    if let values = fields["values"] { machine.values = self.values(values) }
    let place = fields.required("name", of: "a machine")
    guard let name = place?.identifier(), let place else { return nil }
    machine.name = name
    marks.check(machine, fields)
    checkValues(of: machine, fields, place)
    return MachineDraft(machine: machine, place: place)
  }

  private func readMarks(of machine: inout Machine, _ fields: Fields) {
    machine.macAddress = fields["mac"]?.read("a MAC address as 52:54:00:12:34:56") {
      MACAddress($0)
    }
    if let address = machine.macAddress, !address.isUnicast {
      fields["mac"]?.mistake("\(address) is no address that a machine can have")
    }
    machine.uuid = fields["uuid"]?.read("a UUID as 4c4c4544-0042-4c10-8056-b4c04f4c4142") {
      UUID($0)
    }
    machine.serial = fields["serial"]?.text("a serial number")
    machine.clientIdentifier = fields["client-id"].flatMap(Self.octets) ?? []
    machine.relayPort = fields["relay-port"].flatMap(Self.octets) ?? []
    let marks = ["mac", "uuid", "serial", "client-id", "relay-port"]
    if !marks.contains(where: { fields[$0] != nil }) {
      fields.value.mistake("a machine has none of \(marks.joined(separator: ", ")) to tell it by")
    }
  }

  /// Pairs of hexadecimal digits with colons, or after `0x`; any other text is its own octets.
  private static func octets(_ value: Value) -> [UInt8]? {
    value.read("a text, or hexadecimal digits as 01:52:54:00:12:34:56 or 0x0a4d") { text in
      guard !text.isEmpty, text.utf8.count <= 255 else { return nil }
      if text.hasPrefix("0x") { return Hexadecimal.octets(text.dropFirst(2)) }
      let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
      if pairs.count > 1, pairs.allSatisfy({ $0.utf8.count == 2 }),
        let octets = Hexadecimal.octets(pairs.joined())
      {
        return octets
      }
      return Array(text.utf8)
    }
  }

  private func values(_ value: Value) -> [String: String] {
    let values = texts(value, "values")
    for entry in Fields.entries(of: value, "values") ?? [] {
      guard !TemplateName.isValueName(entry.key) else { continue }
      findings.mistake(
        "\"\(Value.shown(entry.key))\" is no name of a value, expected letters, digits, - and _",
        at: entry.position, in: value.file.name)
    }
    return values
  }

  /// A reservation must be an address that a machine can have on a subnet of ours.
  private func check(_ address: IPv4Address, _ value: Value) {
    guard let subnet = subnets.first(where: { $0.subnet.network.contains(address) })?.subnet else {
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

  /// Rendering its profile must leave no hole.
  private func checkValues(of machine: Machine, _ fields: Fields, _ place: Value) {
    guard let name = machine.profile,
      let profile = profiles.first(where: { $0.name == name })?.profile
    else { return }
    for missing in profile.missingValues(in: machine.values) {
      let use = missing.place
      let location = use.file == place.file.name ? "" : " in \(use.file):\(use.line):\(use.column)"
      place.mistake(
        "machine \(machine.name) has no values.\(missing.name), which its profile \(name) "
          + "uses\(location)")
    }
  }
}

/// What tells machines apart, so that none is told twice.
struct MachineMarks {
  private var owners: [String: String] = [:]

  mutating func check(_ machine: Machine, _ fields: Fields) {
    let marks: [(key: String, text: String?)] = [
      ("name", machine.name), ("mac", machine.macAddress?.description),
      ("uuid", machine.uuid?.description), ("serial", machine.serial),
      ("client-id", Self.text(machine.clientIdentifier)),
      ("relay-port", Self.text(machine.relayPort)), ("address", machine.address?.description),
    ]
    for case (let key, let text?) in marks {
      let line = fields[key]?.node.position.line ?? fields.value.node.position.line
      if let owner = owners["\(key) \(text)"] {
        fields[key]?.mistake("\(key) \(text) is \(owner) already")
      } else {
        owners["\(key) \(text)"] = "that of machine \(machine.name) in line \(line)"
      }
    }
  }

  private static func text(_ octets: [UInt8]) -> String? {
    octets.isEmpty ? nil : Hexadecimal.text(octets, separator: ":")
  }
}
