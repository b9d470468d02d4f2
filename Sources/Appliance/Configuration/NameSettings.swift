import Boot
import Network

/// The name service's part of a configuration, wholly checked.
struct NameSettings: Sendable {
  /// nil: only the subnets' reverse zones.
  var zone: DomainName?
  var records: [Record] = []
  /// The hosts file's lines, names with their addresses.
  var hosts: [Host] = []
  var forwarders: [IPv4Address] = []
  /// What this box is called.
  var hostName = ""

  /// Whether the operator wants names to be answered.
  var areConfigured: Bool {
    zone != nil || !records.isEmpty || !hosts.isEmpty || !forwarders.isEmpty
  }

  struct Record: Sendable {
    var name: DomainName
    var type: RecordType
    /// In wire form, names within in lower case.
    var data: [UInt8]
  }

  struct Host: Sendable {
    enum Address: Sendable {
      case four(IPv4Address)
      case six(IPv6Address)
    }

    var name: DomainName
    var address: Address
  }
}

extension Configuration {
  /// All names: what the operator wrote goes before what follows from machines, from hosts files
  /// and from our own addresses.
  func zones(generation: UInt64) -> Zones {
    guard interfaces.contains(where: \.dns) else { return Zones() }
    var draft = ZoneDraft(
      forward: names.zone, host: names.hostName, networks: subnets.map(\.network),
      serial: UInt32(truncatingIfNeeded: generation))
    for record in names.records {
      if record.type == .a, record.data.count == 4 {
        draft.add(record.name, IPv4Address(record.data))
      } else {
        draft.add(record.name, record.type, record.data)
      }
    }
    for machine in machines {
      guard let name = names.zone.flatMap({ Zones.name(machine.name, in: $0) }) else { continue }
      draft.addMachine(name)
      if let address = machine.address { draft.add(name, address) }
    }
    for host in names.hosts {
      switch host.address {
      case .four(let address): draft.add(host.name, address)
      case .six(let address): draft.add(host.name, .aaaa, address.octets)
      }
    }
    if let server = draft.server, !draft.has(server) {
      for subnet in subnets {
        if let address = subnet.ownAddress { draft.add(server, address) }
      }
    }
    return draft.zones()
  }
}

extension IPv4Address {
  /// The address of four octets in network order.
  fileprivate init(_ octets: [UInt8]) {
    self.init(octets.reduce(0) { $0 << 8 | UInt32($1) })
  }
}
