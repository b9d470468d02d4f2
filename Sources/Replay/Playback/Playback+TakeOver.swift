import Boot
import Bytes
import Network
import Services
import Wire

// Where our answer leads elsewhere than the recording, a model of the firmware goes on.
extension Playback {
  /// Has a model go on with the machine from `place` in its boot, on our answers alone.
  mutating func takeOver(
    _ machine: Int, at boot: BootPlace, _ step: RecordedStep, at now: Instant,
    because reason: String
  ) {
    guard let lease = machines[machine].lease else { return }
    let model = BootMachine(
      resuming: boot, identity(machine), architecture(machine), lease: lease, among: ownAddresses)
    run(model, machine, step, at: now, because: reason)
  }

  /// Switches a model of the machine on: the recording's came to nothing.
  mutating func startAnew(
    _ machine: Int, _ step: RecordedStep, at now: Instant, because reason: String
  ) {
    guard let firmware = machines[machine].recorded.firmware,
      let model = FirmwareModel(firmware)
    else { return }
    run(
      BootMachine(model, identity(machine), among: ownAddresses), machine, step, at: now,
      because: reason)
  }

  /// Where we are asked; what machines fetch from others is none of ours.
  private var ownAddresses: Set<IPv4Address> {
    Set(appliance.world.catalog.subnets.compactMap(\.ownAddress) + [stage.local])
  }

  private func identity(_ machine: Int) -> MachineIdentity {
    let address = machines[machine].recorded.macAddress
    return MachineIdentity(macAddress: address, uuid: appliance.dhcp.sightings[address]?.uuid)
  }

  private func architecture(_ machine: Int) -> Architecture {
    let address = machines[machine].recorded.macAddress
    return machines[machine].recorded.firmware?.architecture
      ?? appliance.dhcp.sightings[address]?.architecture ?? .x86BIOS
  }

  /// The model has a server of its own, as ours is now, so that the other machines' times go on
  /// undisturbed.
  private mutating func run(
    _ model: BootMachine, _ machine: Int, _ step: RecordedStep, at now: Instant,
    because reason: String, _ kind: Observation.Kind = .difference
  ) {
    machines[machine].hasLeft = true
    machines[machine].observe(
      kind, at: .bootFile, step, "\(reason): a model of the firmware goes on from here")
    let server = VirtualLink.Server(
      appliance, address: stage.local, interface: stage.interface)
    var link = VirtualLink(
      servers: [server], relay: stage.relay.map { VirtualRelay(address: $0) })
    link.add(model, at: now)
    var transcript = machines[machine].transcript
    var sayings = machines[machine].sayings
    var tried: [[Reason]] = []
    link.run(until: now + Self.longestBoot) { time, event in
      ModelText(event).add(to: &transcript, at: time)
      sayings.take(event)
      if case .done(_, .decided(let list)) = event { tried.append(list) }
    }
    machines[machine].transcript = transcript
    machines[machine].sayings = sayings
    reasons[step.frame, default: []] += tried
    settle(link.clients.first?.progress ?? .running, machine, step, at: link.time)
  }

  /// Once nothing is lost, a boot that takes longer than this takes for ever.
  private static let longestBoot = Duration.seconds(300)

  private mutating func settle(
    _ progress: BootProgress, _ machine: Int, _ step: RecordedStep, at now: Instant
  ) {
    switch progress {
    case .booted(let how):
      machines[machine].hasBooted = true
      machines[machine].transcript.add(.remark, at: now, "boots: \(how)")
    case .failed(let at, let reason):
      machines[machine].observe(.failure, at: at, step, reason)
    case .running:
      machines[machine].observe(
        .failure, at: .bootFile, step,
        "it is still waiting after \(Self.longestBoot.components.seconds) s")
    }
  }
}

// When.
extension Playback {
  /// Before a recorded machine fetches its boot file: whether our answer names another kind of
  /// program, so that what it did next in the recording is another boot's.
  mutating func leaves(
    fetching name: String, _ machine: Int, _ step: RecordedStep, at now: Instant
  ) -> Bool {
    let state = machines[machine]
    guard isConfigured, !state.recordedBootFile.isEmpty,
      Self.path(name).bare == Self.path(state.recordedBootFile).bare
    else { return false }
    let (there, here) = (state.recordedBootFile, state.bootFile)
    guard Self.isScript(there) != Self.isScript(here) || Self.kind(there) != Self.kind(here),
      let firmware = state.firmware
    else { return false }
    let told = here.isEmpty ? "nothing" : "\(Escaped(here))"
    takeOver(
      machine, at: .firmware(firmware), step, at: now,
      because: "it is told to boot \(told), recorded \(Escaped(there))")
    return machines[machine].hasLeft
  }

  /// Whether the machine can start the boot file that came to it.
  mutating func judge(
    bootFile name: String, _ file: WorldFile?, _ machine: Int, _ step: RecordedStep
  ) {
    guard isConfigured, let octets = file?.octets,
      Self.path(name).bare == Self.path(machines[machine].bootFile).bare,
      let architecture = machines[machine].firmware?.architecture
    else { return }
    let url = BootURL(.tftp, host: "", path: Self.path(name))
    let image = ProgramImage(
      FetchedFile(url: url, byteCount: octets.count, head: octets))
    if let misfit = image.misfit(name, on: architecture) {
      machines[machine].observe(.failure, at: .bootFile, step, misfit)
    }
  }

  /// After a text came that is not the recorded one: iPXE's script leads where it says; other
  /// programs are started anew, to find their menu by themselves.
  mutating func leaves(
    with text: [UInt8], of url: BootURL, _ machine: Int, _ step: RecordedStep, at now: Instant
  ) {
    guard isConfigured, !machines[machine].hasLeft else { return }
    let name = "\(Escaped(url.path))"
    if text.starts(with: "#!ipxe".utf8) {
      takeOver(
        machine, at: .script(String(decoding: text, as: UTF8.self), from: url), step, at: now,
        because: "\(name) is another script than the recorded one")
    } else if let program = startedProgram(machine) {
      takeOver(
        machine, at: program, step, at: now,
        because: "\(name) is another menu than the recorded one")
    }
  }

  /// At the file that the recorded boot stopped at: where it is there by now, a model goes on from what
  /// asked for it.
  ///
  /// - Returns: Whether this was that file, and what comes of it is settled.
  mutating func goesOn(
    from step: RecordedStep, isThere: Bool, _ machine: Int, at now: Instant
  ) -> Bool {
    guard isConfigured, !machines[machine].hasLeft, let stop = machines[machine].stop,
      stop.frame == step.frame
    else { return false }
    guard isThere else {
      machines[machine].answered += 1
      machines[machine].observe(
        .failure, at: stop.observation.step, step,
        "\(stop.observation.text), and here it is the same")
      return true
    }
    guard let lease = machines[machine].lease, let firmware = machines[machine].firmware else {
      return false
    }
    var place = BootPlace.firmware(machines[machine].recorded.firmware ?? firmware)
    if let script = machines[machine].lastScript {
      place = .script(script.text, from: script.url)
    } else if let program = startedProgram(machine), !machines[machine].transfers.isEmpty {
      place = program
    }
    let model = BootMachine(
      resuming: place, identity(machine), architecture(machine), lease: lease, among: ownAddresses)
    run(
      model, machine, step, at: now, because: "what the recorded boot stopped at is there", .remark)
    return true
  }

  /// The boot program that runs, as it would be started again.
  private func startedProgram(_ machine: Int) -> BootPlace? {
    let file = machines[machine].bootFile
    guard let firmware = machines[machine].firmware else { return nil }
    if firmware.namesItsFiles { return .firmware(firmware) }
    let host = stage.local.description
    let url = BootURL(file) ?? BootURL(.tftp, host: host, path: file)
    guard !file.isEmpty, let path = BootPath(url.path),
      case .file(let tree, let place) = Resource(path),
      let found = appliance.world.find(tree, place)
    else { return nil }
    return .program(url, found.octets, byteCount: found.byteCount)
  }

  private static func isScript(_ file: String) -> Bool {
    file.contains("://") && ["ipxe", "php", ""].contains(Self.ending(file))
  }

  private static func ending(_ file: String) -> String {
    let name = path(file).prefix { $0 != "?" }.split(separator: "/").last ?? ""
    return name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
  }

  private static func kind(_ file: String) -> ProgramImage.Kind {
    let url = BootURL(file) ?? BootURL(.tftp, host: "", path: file)
    return ProgramImage(FetchedFile(url: url, byteCount: 0, head: nil)).kind
  }
}

extension String {
  /// A path without its query.
  fileprivate var bare: String { String(prefix { $0 != "?" }) }
}

extension ReplayedMachine {
  /// What DHCP has given it here; nil before it has an address.
  var lease: StationLease? {
    if let acknowledgement { return StationLease(acknowledgement, boot: bootReply) }
    guard let address else { return nil }
    var lease = StationLease(address: address)
    if let bootReply { lease.take(bootReply) }
    return lease
  }
}
