import Boot
import Network

/// What stands behind a name for the machine that asks: TFTP and HTTP serve the same.
package enum Content: Sendable {
  /// A file of one of the trees; whether it exists, the driver finds out.
  case file(Resource.Tree, BootPath)
  /// The first of these files that is there.
  case firstFile([Place])
  /// A text made for this machine, and what to record once it is on its way.
  case text([UInt8], Event)
  /// The file, or the text where there is no such file: an operator's own comes first.
  case fileOrText(Resource.Tree, BootPath, [UInt8], Event)
  /// Nothing, for this machine at least.
  case missing

  /// Where a file may be.
  package struct Place: Hashable, Sendable {
    package let tree: Resource.Tree
    package let path: BootPath

    init(_ tree: Resource.Tree, _ path: BootPath) {
      self.tree = tree
      self.path = path
    }
  }
}

extension DHCPService {
  /// Finds what `resource` is for whoever asks from `arrival`.
  ///
  /// The machine is told by the address that it asks from, or by the name in the path; what it may
  /// have is decided by the same function as its DHCP replies.
  ///
  /// - Parameter reasons: The memory for the decision's reasons.
  package func content(
    of resource: Resource, for arrival: Arrival, _ catalog: Catalog, at now: Instant,
    reasons: inout [Reason]
  ) -> Content {
    switch resource {
    case .file(.files, let path) where arrival.destination.port == Self.tftpPort:
      return raspberryPiFile(path, for: arrival, at: now) ?? .file(.files, path)
    case .file(let tree, let path): return .file(tree, path)
    case .report: return .missing
    case .menu(let menu, let tree, let path):
      guard let (octets, event) = rendered(menu, for: arrival, catalog, at: now, reasons: &reasons)
      else { return .file(tree, path) }
      return .fileOrText(tree, path, octets, event)
    case .script(let name):
      return script(name, for: arrival, catalog, at: now, reasons: &reasons)
    case .answer(let name, let file):
      return answer(name, file, for: arrival, catalog, at: now, reasons: &reasons)
    }
  }

  /// The sighting that a name in a path means; without a name, that of whoever asks.
  package func sighting(
    named name: String?, for arrival: Arrival, _ catalog: Catalog, at now: Instant
  ) -> Sighting? {
    let asking = sighting(at: arrival.source.address, at: now)
    guard let name else { return asking ?? Sighting(macAddress: .zero) }
    if name == MACAddress.zero.dashed { return nil }
    if let asking, catalog.name(of: asking) == name { return asking }
    return catalog.sighting(named: name, in: sightings)
  }

  private func script(
    _ name: String?, for arrival: Arrival, _ catalog: Catalog, at now: Instant,
    reasons: inout [Reason]
  ) -> Content {
    guard var sighting = sighting(named: name, for: arrival, catalog, at: now) else {
      return .missing
    }
    guard sighting.knownAddress != nil else { return introduction(arrival, catalog) }
    // Whoever fetches the script runs iPXE, whatever its last DHCP message said.
    sighting.firmware = Firmware(kind: .ipxe, architecture: sighting.architecture)
    let subnet = catalog.subnet(holding: arrival.source.address)
    let decision = catalog.decide(for: sighting, on: subnet, reasons: &reasons)
    guard decision.instruction != .ignore else { return .missing }
    let script = BootScript(
      decision,
      catalog.variables(
        for: sighting, decision, at: arrival.source.address, server: server(arrival, catalog)))
    var octets: [UInt8] = []
    script.render(into: &octets)
    return .text(
      octets,
      Event(
        .scriptRendered(profile: script.profileName, byteCount: octets.count),
        macAddress: sighting.knownAddress, address: arrival.source.address))
  }

  /// The script of a machine that nobody can tell by the address that it asks from, as behind
  /// another server's leases: it comes back and says its hardware address.
  private func introduction(_ arrival: Arrival, _ catalog: Catalog) -> Content {
    let base = server(arrival, catalog).http
    let octets = Array("#!ipxe\nchain \(base)/boot.ipxe?mac=${netX/mac}\n".utf8)
    return .text(
      octets,
      Event(
        .scriptRendered(profile: "-", byteCount: octets.count), address: arrival.source.address))
  }

  private func answer(
    _ name: String, _ file: String, for arrival: Arrival, _ catalog: Catalog, at now: Instant,
    reasons: inout [Reason]
  ) -> Content {
    guard let sighting = sighting(named: name, for: arrival, catalog, at: now) else {
      return .missing
    }
    let subnet = catalog.subnet(holding: arrival.source.address)
    let decision = catalog.decide(for: sighting, on: subnet, reasons: &reasons)
    let variables = catalog.variables(
      for: sighting, decision, at: arrival.source.address, server: server(arrival, catalog))
    guard decision.instruction != .ignore, let profile = decision.profile,
      let template = profile.answers[file],
      template.missingValues(in: variables.values).isEmpty
    else { return .missing }
    var octets: [UInt8] = []
    template.render(variables, into: &octets)
    return .text(
      octets,
      Event(
        .answerRendered(profile: profile.name, file: file, byteCount: octets.count),
        macAddress: sighting.knownAddress, address: arrival.source.address))
  }

  /// How `arrival` reaches us. Who asked by TLS is not led back to plain HTTP.
  func server(_ arrival: Arrival, _ catalog: Catalog) -> Variables.Server {
    guard let interface = catalog.interface(arrival.interface) else {
      return Variables.Server(address: arrival.local)
    }
    let isSecure = arrival.destination.port == interface.https
    return Variables.Server(
      address: arrival.local, httpPort: isSecure ? nil : interface.http,
      httpsPort: interface.https)
  }
}

extension Catalog {
  /// The name of a machine in URLs: the operator's, or its hardware address with dashes.
  package func name(of sighting: Sighting) -> String {
    machine(sighting)?.machine.name ?? sighting.macAddress.dashed
  }
}

extension Sighting {
  /// nil for the stand-in of a machine that nobody has seen.
  var knownAddress: MACAddress? { macAddress == .zero ? nil : macAddress }
}
