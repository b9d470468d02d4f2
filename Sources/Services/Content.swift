import Boot
import Network

/// What stands behind a name for the machine that asks: TFTP and HTTP serve the same.
package enum Content: Sendable {
  /// A file of one of the trees; whether it exists, the driver finds out.
  case file(Resource.Tree, BootPath)
  /// The first of these files that is there.
  case firstFile([Place])
  /// A text made for this machine.
  case text(RenderedText)
  /// The file, or the menu where there is no such file: an operator's own comes first.
  case fileOrMenu(Resource.Tree, BootPath, Menu)
  /// Nothing, and the operator hears why.
  case refused(Event)
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

/// A text for one machine, with what must be durable before it leaves: a driver sends nothing of it
/// when that fails.
package struct RenderedText: Sendable {
  package let octets: [UInt8]
  /// To record once it is on its way.
  package let event: Event
  package internal(set) var outcome: ProvisionOutcome

  init(_ octets: [UInt8], _ event: Event, _ outcome: ProvisionOutcome = ProvisionOutcome()) {
    self.octets = octets
    self.event = event
    self.outcome = outcome
  }
}

/// Who asks, and with what it is answered.
struct Inquiry {
  let arrival: Arrival
  let catalog: Catalog
  let time: Instant
  let dice: () -> UInt64

  var address: IPv4Address { arrival.source.address }
  var isByTFTP: Bool { arrival.destination.port == DHCPService.tftpPort }
  var subnet: Subnet? { catalog.subnet(holding: address) }
}

extension DHCPService {
  /// Finds what `resource` is for whoever asks from `arrival`.
  ///
  /// The machine is told by the address that it asks from, or by the name in the path; what it may
  /// have is decided by the same function as its DHCP replies.
  ///
  /// - Parameters:
  ///   - isPeek: Whether only the length is asked for (HEAD): nothing changes then.
  ///   - dice: For the token of an installation that begins by itself.
  ///   - reasons: The memory for the decision's reasons.
  package mutating func content(
    of resource: Resource, for arrival: Arrival, _ catalog: Catalog, at now: Instant,
    isPeek: Bool = false, dice: @escaping () -> UInt64, reasons: inout [Reason]
  ) -> Content {
    let inquiry = Inquiry(arrival: arrival, catalog: catalog, time: now, dice: dice)
    guard isPeek else { return content(of: resource, inquiry, reasons: &reasons) }
    var copy = self
    let content = copy.content(of: resource, inquiry, reasons: &reasons)
    guard case .text(var text) = content else { return content }
    text.outcome = ProvisionOutcome()
    return .text(text)
  }

  private mutating func content(
    of resource: Resource, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Content {
    switch resource {
    case .file(.files, let path) where inquiry.isByTFTP:
      return raspberryPiFile(path, for: inquiry.arrival, at: inquiry.time) ?? .file(.files, path)
    case .file(let tree, let path): return .file(tree, path)
    case .report: return .missing
    case .menu(let menu, let tree, let path): return .fileOrMenu(tree, path, menu)
    case .script(let name, let query): return script(name, query, inquiry, reasons: &reasons)
    case .subScript(let bearer, let name):
      return subScript(name, of: bearer, inquiry, reasons: &reasons)
    case .answer(let bearer, let file):
      return answer(.answer(file), of: bearer, inquiry, reasons: &reasons)
    case .hooks(let bearer, let when):
      return answer(.hooks(when), of: bearer, inquiry, reasons: &reasons)
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

  private mutating func script(
    _ name: String?, _ query: ScriptQuery, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Content {
    let (arrival, catalog) = (inquiry.arrival, inquiry.catalog)
    guard var sighting = sighting(named: name, for: arrival, catalog, at: inquiry.time) else {
      return .missing
    }
    guard sighting.knownAddress != nil else { return introduction(arrival, catalog) }
    // Whoever fetches the script runs iPXE, whatever its last DHCP message said.
    sighting.firmware = Firmware(kind: .ipxe, architecture: sighting.architecture)
    var admission = admit(
      sighting, query.profile, inquiry, "boot.ipxe", isNewBoot: true, reasons: &reasons)
    let decision = admission.decision
    guard decision.instruction != .ignore else { return .missing }
    if case .discover = decision.boot, query.round != nil {
      admission.outcome += discover(sighting, query.facts, inquiry)
    }
    let script = BootScript(
      decision, variables(sighting, admission, inquiry), query, refusal: admission.refusal)
    var octets: [UInt8] = []
    script.render(into: &octets)
    return .text(
      RenderedText(
        octets,
        Event(
          .scriptRendered(profile: script.profileName, byteCount: octets.count),
          macAddress: sighting.knownAddress, address: inquiry.address),
        admission.outcome))
  }

  /// Registers a machine that nobody named. Who is known to be another machine shows itself only.
  mutating func discover(
    _ sighting: Sighting, _ facts: [String: String], _ inquiry: Inquiry
  ) -> ProvisionOutcome {
    let asking = machine(at: inquiry.address, at: inquiry.time)
    let isCertain = asking == sighting.macAddress
    // Where we give the addresses, who has none of ours is nobody.
    let mayBeUnknown = inquiry.catalog.interface(inquiry.arrival.interface)?.dhcp != .authoritative
    guard isCertain || asking == nil && mayBeUnknown, inquiry.catalog.machine(sighting) == nil
    else { return ProvisionOutcome() }
    return provisions.discover(
      sighting.macAddress, facts, site: inquiry.catalog.site(of: nil, on: inquiry.subnet),
      isCertain: isCertain, at: inquiry.time)
  }

  /// The script of a machine that nobody can tell by the address that it asks from, as behind
  /// another server's leases: it comes back and says its hardware address.
  private func introduction(_ arrival: Arrival, _ catalog: Catalog) -> Content {
    let base = server(arrival, catalog).http
    let octets = Array("#!ipxe\nchain \(base)/boot.ipxe?mac=${netX/mac}\n".utf8)
    return .text(
      RenderedText(
        octets,
        Event(
          .scriptRendered(profile: "-", byteCount: octets.count), address: arrival.source.address)))
  }

  func variables(
    _ sighting: Sighting, _ admission: Admission, _ inquiry: Inquiry
  ) -> Variables {
    inquiry.catalog.variables(
      for: sighting, admission.decision, at: inquiry.address,
      server: server(inquiry.arrival, inquiry.catalog),
      provision: provisions[inquiry.catalog.name(of: sighting)], token: admission.token)
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
