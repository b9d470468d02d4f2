import Network

/// Every text that a machine would get, for the operator to look at: secrets are asterisks and
/// tokens `~`, and nothing is released or changed by it.
package struct MachineRendering: Hashable, Sendable {
  /// What stands under one path.
  package struct File: Hashable, Sendable {
    package var path: String
    package var text: String
  }

  /// The profile that it would boot; nil: none is for it.
  package var profile: String?
  package var files: [File] = []
  /// What would keep it from booting so, and what was supposed for this; a sentence each.
  package var remarks: [String] = []
}

extension Catalog {
  /// What `machine` would get if it were armed and asked now.
  ///
  /// - Parameters:
  ///   - address: Where it is, as its lease says; nil: at its reservation, or somewhere in the first
  ///     subnet of its site.
  ///   - architecture: What it runs on; nil: nobody knows.
  ///   - firmware: What would ask for its menus, where that makes a difference.
  ///   - sighting: What it last showed, for profiles that match by it.
  package func rendering(
    of machine: Machine, at address: IPv4Address? = nil, architecture: Architecture?,
    firmware: Firmware.Kind = .ipxe, sighting: Sighting? = nil, facts: [String: String] = [:]
  ) -> MachineRendering {
    var draft = RenderingDraft(catalog: self, machine: machine)
    draft.place(at: address)
    draft.look(architecture, firmware, sighting)
    draft.choose()
    draft.render(facts: facts)
    return draft.rendering
  }
}

/// Puts a rendering together.
private struct RenderingDraft {
  let catalog: Catalog
  let machine: Machine
  var rendering = MachineRendering()
  private var address = IPv4Address.unspecified
  private var subnet: Subnet?
  private var sighting = Sighting(macAddress: .zero)
  private var profile: Profile?
  /// Stands for the token of an installation.
  private static let token = "~"

  init(catalog: Catalog, machine: Machine) {
    self.catalog = catalog
    self.machine = machine
  }

  mutating func place(at known: IPv4Address?) {
    if let found = known ?? machine.address {
      address = found
      subnet = catalog.subnet(holding: found)
      return
    }
    let site = machine.site ?? catalog.site
    subnet = catalog.subnets.first { ($0.site ?? catalog.site) == site } ?? catalog.subnets.first
    guard let subnet else { return remark("There is no subnet: where it is, is not known.") }
    address = subnet.pools.first?.first ?? subnet.network.network
    remark("It has no reservation and no lease: supposed to be at \(address).")
  }

  mutating func look(
    _ architecture: Architecture?, _ firmware: Firmware.Kind, _ seen: Sighting?
  ) {
    sighting = seen ?? Sighting(macAddress: machine.macAddress ?? .zero)
    sighting.uuid = sighting.uuid ?? machine.uuid
    sighting.serial = sighting.serial ?? machine.serial
    if sighting.relayPort.isEmpty { sighting.relayPort = machine.relayPort }
    sighting.architecture = architecture ?? sighting.architecture
    sighting.firmware = Firmware(kind: firmware, architecture: sighting.architecture)
    if sighting.architecture == nil {
      remark("Its architecture is not known: what asks for it is left empty.")
    }
  }

  mutating func choose() {
    var reasons: [Reason] = []
    let decision = catalog.decide(
      for: sighting, on: subnet, provisions: ProvisionTable(), reasons: &reasons)
    profile = decision.profile
    rendering.profile = profile?.name
    if decision.machine?.name != machine.name {
      remark("By its marks it would be told as \(decision.machine?.name ?? "nobody").")
    }
    guard profile == nil else { return }
    for reason in reasons where !reason.isMatch { remark(reason.description) }
  }

  mutating func render(facts: [String: String]) {
    guard let profile else { return }
    var variables = variables(profile, facts)
    missing(profile, variables)
    let decision = Decision(instruction: .script, machine: machine, profile: profile)
    var script: [UInt8] = []
    BootScript(decision, variables).render(into: &script)
    add("/machines/\(machine.name)/boot.ipxe", script)
    menus(decision, variables)
    subScripts(variables)
    for (name, template) in profile.answers.sorted(by: { $0.key < $1.key }) {
      add("\(variables.machine.answers)/\(name)", template, variables)
    }
    for when in Hook.When.allCases {
      let hooks = HookScript(profile.hooks, when)
      guard !hooks.isEmpty else { continue }
      var text: [UInt8] = []
      let path = "\(variables.machine.hooks)/\(when.rawValue)"
      if hooks.render(variables, into: &text) { add(path, text) } else { tooLong(path) }
    }
    variables.secrets = [:]
  }

  private func variables(_ profile: Profile, _ facts: [String: String]) -> Variables {
    let decision = Decision(instruction: .script, machine: machine, profile: profile)
    var variables = catalog.variables(for: sighting, decision, at: address, server: server)
    variables.isMasked = true
    variables.machine.facts = facts
    if profile.install != nil { variables.machine.urlName = Self.token }
    if case .kernel(let boot) = profile.boot {
      let kernel = boot.kernel.rendered(variables)
      let initrd = boot.initrd.map { $0.rendered(variables) }
      variables.arguments = boot.arguments.rendered(variables)
      variables.kernel = kernel
      variables.initrd = initrd
    }
    return variables
  }

  /// How it would reach us.
  private var server: Variables.Server {
    let interface = catalog.interfaces.first { $0.name == subnet?.interface }
    let own = subnet?.ownAddress ?? catalog.subnets.lazy.compactMap(\.ownAddress).first
    return Variables.Server(
      address: own ?? .unspecified, httpPort: interface.map(\.http) ?? 80,
      httpsPort: interface?.https)
  }

  private mutating func missing(_ profile: Profile, _ variables: Variables) {
    for use in profile.missingValues(in: variables.values) {
      remark(
        "It has no values.\(use.name), which \(profile.name) uses in \(use.place.file):"
          + "\(use.place.line): \(profile.name) is not booted.")
    }
    for use in profile.missingSecrets(in: variables.secrets, values: variables.values) {
      remark(
        "There is no secrets.\(use.name) at the site \(variables.site), which \(profile.name) uses in"
          + " \(use.place.file):\(use.place.line): the answer is not given.")
    }
    if server.address == .unspecified { remark("We have no address on its subnet.") }
  }

  /// What programs without iPXE's language get by the names that they search.
  private mutating func menus(_ decision: Decision, _ variables: Variables) {
    let bearer = Menu.Bearer.hardware(sighting.macAddress)
    let name = "01-\(sighting.macAddress.dashed)"
    let isUBoot = sighting.firmware?.kind == .uboot
    let rows: [(Menu.Program, Menu.Bearer, path: String)] = [
      (.pxelinux, bearer, "/pxelinux.cfg/\(name)"), (.grub, bearer, "/grub/grub.cfg-\(name)"),
      (.ubootScript, .whoeverAsks, "/boot.scr.uimg"), (.autoexec, .whoeverAsks, "/autoexec.ipxe"),
    ]
    for (program, bearer, path) in rows {
      let text = Menu(program, bearer).render(
        decision, variables, over: .http, isUBoot: isUBoot)
      if let text { rendering.files.append(MachineRendering.File(path: path, text: text)) }
    }
  }

  /// Scripts that a main script may chain to.
  private mutating func subScripts(_ variables: Variables) {
    for script in catalog.scripts {
      let template = catalog.script(
        named: script.name, for: sighting, on: subnet, machine: machine)
      let path = "\(variables.machine.scripts)/\(script.name)"
      if let template { add(path, template, variables) }
    }
  }

  private mutating func add(_ path: String, _ template: Template, _ variables: Variables) {
    var text: [UInt8] = []
    if template.render(variables, into: &text) { add(path, text) } else { tooLong(path) }
  }

  private mutating func add(_ path: String, _ text: [UInt8]) {
    rendering.files.append(
      MachineRendering.File(path: path, text: String(decoding: text, as: UTF8.self)))
  }

  private mutating func tooLong(_ path: String) {
    remark("\(path) would be longer than \(Template.outputMax) bytes: it is not given.")
  }

  private mutating func remark(_ text: String) { rendering.remarks.append(text) }
}
