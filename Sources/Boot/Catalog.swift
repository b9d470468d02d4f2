import Network

/// The whole desired state of an appliance, immutable; a new one replaces it whole.
///
/// A class only so that passing it costs one word; nothing in it ever changes.
package final class Catalog: Sendable {
  /// Grows by one with each catalog that an appliance takes.
  package let generation: UInt64
  package let site: String
  package let interfaces: [Interface]
  package let subnets: [Subnet]
  /// In the order of the configuration, which breaks ties between equally specific matches.
  package let profiles: [Profile]
  package let machines: [Machine]
  package let defaultProfile: DefaultProfile
  package let loaders: [Loader]
  /// The names that we are the authority for.
  package let zones: Zones
  /// Who is asked for the names of others; empty: nobody.
  package let forwarders: [IPv4Address]
  /// SHA-256 of the authority's certificate that iPXE is to trust, in DER form; empty: none.
  package let trust: [UInt8]
  package let scripts: [Script]
  package let keys: [SSHKey]
  package let secrets: [Secret]
  /// `{{values.…}}` of all machines, where neither they nor their profiles have others.
  package let values: [String: String]

  private let machineByMAC: [MACAddress: Int]
  private let machineByUUID: [UUID: Int]
  private let machineBySerial: [String: Int]
  private let machineByClientIdentifier: [[UInt8]: Int]
  private let machineByRelayPort: [[UInt8]: Int]
  private let machineByName: [String: Int]
  private let machineByAddress: [IPv4Address: Int]
  private let profileByName: [String: Int]
  private let loaderByUse: [LoaderUse: Loader]
  private let scriptByName: [String: Int]
  private let keysBySite: [String: [String]]
  private let secretTable: SecretTable

  /// Names must be unique; where two machines share a mark, the first has it.
  package init(
    generation: UInt64 = 0, site: String = "", interfaces: [Interface] = [],
    subnets: [Subnet] = [], profiles: [Profile] = [], machines: [Machine] = [],
    defaultProfile: DefaultProfile = .none, loaders: [Loader] = [], zones: Zones = Zones(),
    forwarders: [IPv4Address] = [], trust: [UInt8] = [], scripts: [Script] = [],
    keys: [SSHKey] = [], secrets: [Secret] = [], values: [String: String] = [:]
  ) {
    self.generation = generation
    self.site = site
    self.interfaces = interfaces
    self.subnets = subnets
    self.profiles = profiles
    self.machines = machines
    self.defaultProfile = defaultProfile
    self.loaders = loaders
    self.zones = zones
    self.forwarders = forwarders
    self.trust = trust
    self.scripts = scripts
    self.keys = keys
    self.secrets = secrets
    self.values = values
    machineByMAC = Self.index(machines) { $0.macAddress }
    machineByUUID = Self.index(machines) { $0.uuid }
    machineBySerial = Self.index(machines) { $0.serial.map(Self.shortSerial) }
    machineByClientIdentifier = Self.index(machines) {
      $0.clientIdentifier.isEmpty ? nil : $0.clientIdentifier
    }
    machineByRelayPort = Self.index(machines) { $0.relayPort.isEmpty ? nil : $0.relayPort }
    machineByName = Self.index(machines) { $0.name }
    machineByAddress = Self.index(machines) { $0.address }
    profileByName = Self.index(profiles) { $0.name }
    loaderByUse = Self.index(loaders)
    scriptByName = Self.index(scripts) { $0.name }
    keysBySite = Dictionary(grouping: keys, by: \.site).mapValues { $0.map(\.publicKey) }
    secretTable = SecretTable(secrets)
  }

  /// What machines get that match no profile.
  package enum DefaultProfile: Equatable, Sendable {
    /// None was named: they are told so on their screen.
    case none
    case profile(String)
    /// Silence.
    case ignore
  }

  private static func index<Element, Key: Hashable>(
    _ elements: [Element], by key: (Element) -> Key?
  ) -> [Key: Int] {
    var index: [Key: Int] = [:]
    for (position, element) in elements.enumerated() {
      if let key = key(element), index[key] == nil { index[key] = position }
    }
    return index
  }

  /// A Raspberry Pi's /proc/cpuinfo writes sixteen digits, its bootloader the last eight.
  private static func shortSerial(_ serial: String) -> String {
    let long = serial.utf8.count == 16 && serial.hasPrefix("10000000")
    return (long ? String(serial.dropFirst(8)) : serial).lowercased()
  }

  /// The machine that a sighting shows, told by its surest mark: hardware address, UUID, serial
  /// number, client identifier, relay port.
  package func machine(_ sighting: Sighting) -> (machine: Machine, mark: Machine.Mark)? {
    if let index = machineByMAC[sighting.macAddress] { return (machines[index], .macAddress) }
    if let uuid = sighting.uuid, let index = machineByUUID[uuid] { return (machines[index], .uuid) }
    if let serial = sighting.serial, let index = machineBySerial[serial.lowercased()] {
      return (machines[index], .serial)
    }
    if let index = machineByClientIdentifier[sighting.clientIdentifier] {
      return (machines[index], .clientIdentifier)
    }
    if let index = machineByRelayPort[sighting.relayPort] { return (machines[index], .relayPort) }
    return nil
  }

  package func machine(named name: String) -> Machine? { machineByName[name].map { machines[$0] } }

  /// The machine that `address` is reserved for.
  package func machine(reserving address: IPv4Address) -> Machine? {
    machineByAddress[address].map { machines[$0] }
  }

  package func isReserved(_ address: IPv4Address) -> Bool { machineByAddress[address] != nil }

  /// The operator's profile of that name, else a built-in one.
  package func profile(named name: String) -> Profile? {
    profileByName[name].map { profiles[$0] } ?? Profile.builtIn(named: name)
  }

  /// In the order of the configuration: the lines of `authorized_keys` at a site.
  package func authorizedKeys(at site: String) -> [String] { keysBySite[site] ?? [] }

  /// What `{{secrets.…}}` stands for on a machine: its own, then its site's.
  ///
  /// - Parameter machine: The operator's name for it; nil for one that is not listed.
  package func secrets(at site: String, of machine: String?) -> [String: Secret.Text] {
    secretTable.secrets(at: site, of: machine)
  }

  package func script(named name: String) -> Script? { scriptByName[name].map { scripts[$0] } }

  package func interface(_ number: Int32) -> Interface? {
    interfaces.first { $0.number == number }
  }

  /// The subnet that holds `address`.
  package func subnet(holding address: IPv4Address) -> Subnet? {
    subnets.first { $0.network.contains(address) }
  }

  /// The loader of `set` for `architecture`, best first; nil when none is installed.
  package func loader(_ set: Loader.Set, for architecture: Architecture) -> Loader? {
    loaderByUse[LoaderUse(set: set, architecture: architecture)]
  }

  private struct LoaderUse: Hashable {
    let set: Loader.Set
    let architecture: Architecture
  }

  private static func index(_ loaders: [Loader]) -> [LoaderUse: Loader] {
    var index: [LoaderUse: Loader] = [:]
    for row in LoaderRow.all {
      let use = LoaderUse(set: row.set, architecture: row.architecture)
      let path = "\(row.set.rawValue)/\(row.file)"
      if index[use] == nil { index[use] = loaders.first { $0.path == path } }
    }
    return index
  }
}
