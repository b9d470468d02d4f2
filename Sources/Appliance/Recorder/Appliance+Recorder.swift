import Boot
import Bytes
import EventLoop
import Network
import Replay
import Services
import Wire

// What the recorder is told, and what it asks for.
extension Appliance {
  /// Takes a datagram of port 67 or 4011 before anybody answers it.
  func note(dhcp bytes: RawSpan, from arrival: Arrival) {
    recorder?.hear(dhcp: bytes, from: arrival, at: loop.now)
  }

  /// Takes a datagram of port 69 or 53.
  func note(_ bytes: RawSpan, from arrival: Arrival) {
    guard let seat = seat(at: arrival.source.address) else { return }
    recorder?.take(.heard, of: seat, arrival.source, arrival.destination, at: loop.now, bytes)
  }

  /// Takes a datagram of ours.
  func note(_ reply: Reply, of actions: Actions) {
    guard recorder != nil else { return }
    let (client, machine) = recipient(reply, of: actions)
    guard let seat = recorder?.seat(of: machine) else { return }
    let now = loop.now
    actions.withOctets(reply.payload) {
      recorder?.take(.said, of: seat, client, reply.source, at: now, $0)
    }
  }

  /// Who gets a reply: of DHCP the machine that the message is about, and else who has the address.
  private func recipient(
    _ reply: Reply, of actions: Actions
  ) -> (client: Endpoint, machine: MACAddress?) {
    let isMessage = reply.source.port == 67 || reply.source.port == 4011
    switch reply.destination {
    case .link(let hardware, let endpoint): return (endpoint, hardware)
    case .endpoint(let endpoint) where isMessage:
      var machine: MACAddress?
      actions.withOctets(reply.payload) { machine = FirmwareGlance($0)?.machine }
      return (endpoint, machine)
    case .endpoint(let endpoint):
      return (endpoint, dhcp.machine(at: endpoint.address, at: loop.now))
    }
  }

  /// Where the machine sits that has an address; nil where nobody's boot goes on there.
  func seat(at address: IPv4Address) -> FlightRecorder.Seat? {
    guard recorder?.isIdle == false else { return nil }
    return recorder?.seat(of: dhcp.machine(at: address, at: loop.now))
  }

  /// What is kept of a transfer; nil where nobody records it.
  ///
  /// - Parameter text: What was rendered for it and may be kept.
  func flow(of arrival: Arrival, _ local: Endpoint, text: [UInt8]?) -> TransferFlow? {
    guard let seat = seat(at: arrival.source.address) else { return nil }
    return TransferFlow(
      seat, client: arrival.source, server: local, text: text.map { TokenMask.masked($0) })
  }

  /// Takes what a connection's service has read of `bytes`.
  func note(_ count: Int, of bytes: RawSpan, isBody: Bool, on port: HTTPPort) {
    guard recorder != nil, count > 0 else { return }
    if port.flow == nil, let arrival = port.stream.arrival,
      let seat = seat(at: arrival.source.address)
    {
      port.flow = StreamFlow(
        seat: seat, client: arrival.source,
        server: Endpoint(arrival.local, arrival.destination.port), number: port.state.id.number)
    }
    guard let flow = port.flow else { return }
    if isBody {
      recorder.mutate { flow.heardBody(count, into: &$0, at: loop.now) }
    } else {
      recorder.mutate { flow.heardHead(bytes.extracting(0..<count), into: &$0, at: loop.now) }
    }
  }

  /// Sends a response's octets.
  func respond(_ id: ConnectionID, _ bytes: Actions.Bytes, of actions: Actions) {
    guard let port = connections[id] else { return }
    if port.flow != nil {
      actions.withOctets(bytes) { span in
        recorder.mutate { port.flow?.said(span, into: &$0, at: loop.now) }
      }
    }
    port.respond(bytes, of: actions)
  }

  /// Whether the next response's body may be kept: what it holds is no secret.
  func keepsBody(of text: RenderedText) -> Bool {
    guard text.outcome.isEmpty else { return false }
    switch text.event.fact {
    case .scriptRendered, .menuRendered: return true
    case _: return false
    }
  }
}

// What comes of it.
extension Appliance {
  /// Records that a text is on its way, and what it leads to.
  func record(_ text: RenderedText) {
    leadsToDisk = text.leadsToDisk
    record(text.event)
    leadsToDisk = false
  }

  /// Tells the recorder what happened.
  func noteEvent(_ event: Event) {
    guard event.macAddress != nil, recorder?.isIdle == false else { return }
    recorder?.take(event, promise(of: event.fact), at: loop.now)
  }

  /// What a script or menu leads to.
  private func promise(of fact: Fact) -> BootWatch.Promise {
    let name: String
    switch fact {
    case .scriptRendered(let profile, _), .menuRendered(_, let profile, _): name = profile
    case _: return .unknown
    }
    guard !leadsToDisk else { return .disk }
    guard let profile = catalog.profile(named: name) else { return .unknown }
    switch profile.boot {
    case .local: return .disk
    case .kernel(let boot):
      // Those that lie elsewhere are nothing that we see.
      return .files(([boot.kernel] + boot.initrd).count { !$0.isElsewhere })
    case .script, .scriptNamed, .menu, .discover: return .unknown
    }
  }

  /// Each second: writes down what came to nothing.
  func writeRecordings() {
    // Never held in a constant: two owners of a ring would copy it when it is next written to.
    guard recorder?.isIdle == false else { return }
    let busy = busySeats()
    let due = recorder?.due(at: loop.now) { busy.contains($0) } ?? []
    for (seat, reason) in due {
      flushFlows(of: seat)
      if let flight = recorder?.finish(seat, reason) { write(flight) }
    }
    for flight in recorder?.takeAbandoned() ?? [] { write(flight) }
  }

  /// To whom a file is on its way by HTTP, which is no event before its end.
  private func busySeats() -> Set<FlightRecorder.Seat> {
    var seats: Set<FlightRecorder.Seat> = []
    for port in connections.values {
      guard let flow = port.flow, port.stream.hasOutput else { continue }
      seats.insert(flow.seat)
    }
    return seats
  }

  private func flushFlows(of seat: FlightRecorder.Seat) {
    // In the order of their numbers: a dictionary's is another one in each process.
    for id in transfers.keys.sorted(by: { $0.number < $1.number }) {
      guard let port = transfers[id], port.flow?.seat == seat else { continue }
      recorder.mutate { port.flow?.flush(into: &$0) }
    }
  }

  private func write(_ flight: FlightRecorder.Flight) {
    guard let recorder = settings.recorder, loop.now >= recordingsRestUntil,
      recordingsUnderWay < Self.mostRecordingsUnderWay
    else { return }
    recordingsUnderWay += 1
    let folder = FlightFolder(path: settings.recordings, limit: recorder.limit)
    let own = ports.first { $0.settings.number == flight.interface }?.hardwareAddress ?? .zero
    let (now, time) = (loop.now, loop.wallClock)
    loop.offload(on: recordingLane) { () throws -> String in
      var frames = FlightFrames(flight.machine, own: own, now: now, wallClock: time)
      frames.add(FlightRecord.all(in: flight.octets))
      return try folder.write(
        frames.ordered, files: frames.files.text, of: flight.machine, at: time)
    } then: { [unowned self] outcome in
      recordingsUnderWay -= 1
      switch outcome {
      case .success(let path):
        record(
          Event(
            .recordingWritten(path: path, reason: flight.reason), macAddress: flight.machine))
      case .failure(let error):
        // A full disk is told once in a while, and not tried again for each boot.
        recordingsRestUntil = loop.now + Self.recordingsRest
        record(
          Event(.actionFailed(reason: "no recording written: \(error)"), macAddress: flight.machine)
        )
      }
    }
  }

  private static let recordingsRest = Duration.seconds(600)
  /// A disk that hangs must not fill the memory.
  private static let mostRecordingsUnderWay = 16

  /// Begins, ends or goes on, as the configuration in force says.
  func renewRecorder() {
    // What the operator mended is tried at once.
    recordingsRestUntil = Instant(nanoseconds: .min)
    guard let wanted = settings.recorder else {
      recorder = nil
      // Their seats are of that recorder, and mean nothing to the next.
      for port in transfers.values { port.flow = nil }
      for port in connections.values { port.flow = nil }
      return
    }
    if recorder == nil { recorder = FlightRecorder(stall: wanted.stall) }
    recorder?.stall = wanted.stall
  }
}

extension RenderedText {
  /// Whether it is a script or menu that loads nothing: of a machine that is not armed, which leaves to
  /// its disk. U-Boot's scripts have a head, and are not looked into.
  fileprivate var leadsToDisk: Bool {
    switch event.fact {
    case .scriptRendered, .menuRendered: break
    case _: return false
    }
    guard octets.first != 0x27 else { return false }
    for line in octets.split(separator: 0x0a) {
      let word = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x20 }
      if Self.loading.contains(String(decoding: word, as: UTF8.self).lowercased()) { return false }
    }
    return true
  }

  /// Commands of iPXE, PXELINUX and GRUB that load something, or ask a person what to load.
  private static let loading: Set<String> = [
    "kernel", "linux", "initrd", "chain", "chainloader", "imgfetch", "imgexec", "prompt", "choose",
    "menuentry", "configfile",
  ]
}

extension FlightRecorder? {
  /// Changes the recorder in place, where there is one.
  mutating func mutate(_ change: (inout FlightRecorder) -> Void) { self?.change(change) }
}

extension FlightRecorder {
  fileprivate mutating func change(_ change: (inout FlightRecorder) -> Void) { change(&self) }
}
