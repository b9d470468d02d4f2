import Boot
import Bytes
import Network
import Services
import Wire

// HTTP and DNS.
extension Playback {
  /// Sends a recorded request on the stage, and holds our response against the recorded one.
  mutating func converse(
    _ exchange: RecordedExchange, _ connection: Int, _ machine: Int, at now: Instant
  ) {
    let place = RecordedStep.exchange(exchange, connection: connection)
    let server = recording.connections[connection].server
    guard stage.recordedHosts.isEmpty || stage.recordedHosts.contains(server.address) else {
      return machines[machine].transcript.add(
        .remark, at: now,
        "\(Escaped(exchange.method)) \(Escaped(exchange.target)) of \(server), not of us")
    }
    guard !leaves(fetching: exchange.target, machine, place, at: now),
      !wasToldNothing(fetching: exchange.target, machine, place)
    else { return }
    let target = borne(targetHere(exchange, machines[machine]), by: machine)
    let port = portHere(connection, machines[machine])
    let topic = "\(Escaped(exchange.method)) \(Escaped(target))"
    guard serves({ $0.http == port || $0.https == port }) else {
      machines[machine].transcript.add(.heard, at: now, "\(topic) at port \(port)")
      machines[machine].sayings.take(nil, to: topic)
      return judge(nil, exchange, target, machine, at: now)
    }
    let id = self.connection(connection, machine)
    let lines = exchange.head.drop { $0 != 0x0a }
    let request = Array("\(exchange.method) \(target) HTTP/1.1\r\n".utf8) + lines.dropFirst()
    machines[machine].transcript.add(.heard, at: now, topic)
    appliance.receive(
      request + exchange.body, on: id, supplying: supply(for: exchange), at: now, into: &outcomes)
    let list = takeOutcomes()
    for outcome in list { note(outcome, machine, frame: exchange.frame, at: now) }
    if list.contains(.closed(id)) {
      machines[machine].connections[connection] = nil
      noteClosing(exchange, connection, machine)
    }
    let response = OwnResponse(list, isHead: exchange.method == "HEAD")
    machines[machine].sayings.take(response, to: topic)
    judge(response, exchange, target, machine, at: now)
  }

  private mutating func connection(_ connection: Int, _ machine: Int) -> ConnectionID {
    if let id = machines[machine].connections[connection] { return id }
    lastConnection += 1
    let id = ConnectionID(lastConnection)
    machines[machine].connections[connection] = id
    let client = recording.connections[connection].client
    let source = Endpoint(machines[machine].address ?? client.address, client.port)
    appliance.connect(id, from: arrival(source, port: 80))
    return id
  }

  /// Where the machine asks here: at the port of the boot file that it is told of, where it asked
  /// there at that of the recorded one.
  private func portHere(_ connection: Int, _ machine: ReplayedMachine) -> UInt16 {
    let port = recording.connections[connection].server.port
    guard let there = BootURL(machine.recordedBootFile), there.scheme != .tftp, there.port == port,
      let here = BootURL(machine.bootFile), here.scheme != .tftp
    else { return port }
    return here.port
  }

  /// Whether we listen there; in a recorded world wherever the recorded server did.
  func serves(_ isServing: (Interface) -> Bool) -> Bool {
    guard isConfigured else { return true }
    return appliance.world.catalog.interface(stage.interface).map(isServing) ?? false
  }

  private func supply(for exchange: RecordedExchange) -> Supply {
    guard !isConfigured else { return .world }
    guard let response = exchange.response else {
      return contents[exchange.target].map { .file($0) } ?? .missing
    }
    guard (200..<300).contains(response.status) else { return .missing }
    if let file = contents[exchange.target] { return .file(file) }
    return .file(WorldFile(byteCount: response.content.byteCount ?? 0))
  }

  private mutating func judge(
    _ response: OwnResponse?, _ exchange: RecordedExchange, _ target: String, _ machine: Int,
    at now: Instant
  ) {
    let place = RecordedStep.exchange(exchange, connection: 0)
    let step = Self.step(of: exchange, target)
    guard let response else {
      return machines[machine].observe(
        .failure, at: step, place, "\(exchange.method) \(Escaped(target)) got no response")
    }
    machines[machine].transcript.add(
      .said, at: now, "\(response.status), \(response.byteCount) bytes")
    // Methods and paths that no boot server has, as in recordings of other servers.
    guard ["GET", "HEAD", "POST"].contains(exchange.method) else { return }
    for refusal in response.refusals {
      machines[machine].observe(
        .failure, at: step, place, "\(exchange.method) \(Escaped(target)): \(refusal)")
    }
    let isGood = (200..<400).contains(response.status)
    guard let recorded = exchange.response else {
      if isGood { machines[machine].answered += 1 }
      return
    }
    let wasGood = (200..<300).contains(recorded.status)
    if goesOn(from: place, isThere: isGood, machine, at: now) { return }
    if isGood, !wasGood, exchange.method == "GET", let body = response.body {
      let url = BootURL(.http, host: stage.local.description, path: target)
      return leaves(with: body, of: url, machine, place, at: now)
    }
    guard response.status == recorded.status || !wasGood else {
      return machines[machine].observe(
        .failure, at: step, place,
        "\(exchange.method) \(Escaped(target)): \(response.status), recorded \(recorded.status)")
    }
    machines[machine].answered += 1
    guard wasGood else { return }
    guard exchange.method == "GET" else {
      return compareLength(response, recorded, exchange, target, machine)
    }
    machines[machine].hasBooted = true
    judge(bootFile: target, response.body.map { WorldFile($0) }, machine, place)
    if let body = response.body, body.starts(with: "#!ipxe".utf8) {
      let url = BootURL(.http, host: stage.local.description, path: target)
      machines[machine].lastScript = (String(decoding: body, as: UTF8.self), url)
    }
    if let body = response.body, isAnotherText(body, than: recorded, at: step) {
      let url = BootURL(.http, host: stage.local.description, path: target)
      leaves(with: body, of: url, machine, place, at: now)
      if machines[machine].hasLeft { return }
    }
    compare(response, recorded, exchange, target, machine)
  }

  /// Whether a script or a menu came that is not the recorded one, so that what follows is another
  /// boot's. What an installer is answered leads no boot program anywhere.
  private func isAnotherText(
    _ body: [UInt8], than recorded: RecordedResponse, at step: BootStep
  ) -> Bool {
    let there = recorded.content.octets
    guard isConfigured, !isSame(body, as: there) else { return false }
    guard step != .script else { return true }
    guard step != .answer, step != .report, recorded.content.isWhole, !recorded.content.isElided
    else { return false }
    return Saying.text(there) != nil && !body.isEmpty && Saying.text(body) != nil
  }

  /// A client that kept its connection finds it closed, and has to open another.
  private mutating func noteClosing(
    _ exchange: RecordedExchange, _ connection: Int, _ machine: Int
  ) {
    let isKept = machines[machine].recorded.steps.contains { step in
      if case .exchange(let later, connection) = step {
        later.frame > exchange.frame
      } else {
        false
      }
    }
    guard isKept else { return }
    machines[machine].observe(
      .difference, at: .bootFile, .exchange(exchange, connection: connection),
      "\(exchange.method) \(Escaped(exchange.target)): the connection is closed, recorded kept")
  }

  /// HEAD: firmware makes room for as much as the head says.
  private mutating func compareLength(
    _ response: OwnResponse, _ recorded: RecordedResponse, _ exchange: RecordedExchange,
    _ target: String, _ machine: Int
  ) {
    guard exchange.method == "HEAD", !isConfigured,
      case .counted(let count) = RecordedHead(recorded.head).length,
      let here = response.contentLength, here != count
    else { return }
    machines[machine].observe(
      .failure, at: .bootFile, .exchange(exchange, connection: 0),
      "HEAD \(Escaped(target)): Content-Length: is \(here), recorded \(count)")
  }

  private mutating func compare(
    _ response: OwnResponse, _ recorded: RecordedResponse, _ exchange: RecordedExchange,
    _ target: String, _ machine: Int
  ) {
    let place = RecordedStep.exchange(exchange, connection: 0)
    if let count = recorded.content.byteCount, count != response.byteCount {
      machines[machine].observe(
        isConfigured ? .difference : .failure, at: .bootFile, place,
        "\(Escaped(target)): \(response.byteCount) bytes, recorded \(count)")
    } else if recorded.content.isWhole, !recorded.content.isElided, let body = response.body,
      body != recorded.content.octets
    {
      machines[machine].observe(
        isConfigured ? .difference : .failure, at: .bootFile, place,
        "\(Escaped(target)): other bytes than recorded")
    }
  }

  /// What a request is for, as a report says it.
  private static func step(of exchange: RecordedExchange, _ target: String) -> BootStep {
    if exchange.method == "POST" { return .report }
    let body = exchange.response?.content.octets ?? []
    if body.starts(with: "#!ipxe".utf8) { return .script }
    return step(of: target)
  }

  /// What a path is of, as far as its name says it.
  static func step(of target: String) -> BootStep {
    let name = target.split(separator: "?").first?.split(separator: "/").last ?? ""
    if name.contains("initr") { return .initialRAMDisk }
    if name.hasPrefix("vmlinuz") || name.hasPrefix("linux") { return .kernel }
    if name.hasPrefix("grub.cfg") || name == "autoexec.ipxe" { return .menu }
    if target.contains("/answers/") || target.contains("/hooks/") { return .answer }
    return .bootFile
  }

  /// Where the machine asks here: for the boot file that it was told of, for our own places in the
  /// recorded world, and for the same path in a configured one.
  private func targetHere(_ exchange: RecordedExchange, _ machine: ReplayedMachine) -> String {
    let path = exchange.target.prefix { $0 != "?" }
    let there = Self.path(machine.recordedBootFile)
    if !there.isEmpty, Self.path(String(path)) == String(there.prefix { $0 != "?" }),
      machine.bootFile.contains("://")
    {
      return "/" + Self.path(machine.bootFile)
    }
    guard !isConfigured else { return exchange.target }
    if exchange.method == "POST" {
      return "/machines/\(machine.recorded.macAddress.dashed)/report"
    }
    return "/files" + (exchange.target.hasPrefix("/") ? "" : "/") + exchange.target
  }

  /// Asks for a name that the recorded machine looked up.
  mutating func look(
    up query: RecordedDatagram, _ answer: RecordedDatagram?, _ machine: Int, at now: Instant
  ) {
    let source = Endpoint(
      machines[machine].address ?? query.source.address, query.source.port)
    if serves(\.dns) {
      appliance.receive(query.payload, from: arrival(source, port: 53), at: now, into: &outcomes)
    }
    let list = takeOutcomes()
    for outcome in list { note(outcome, machine, frame: query.frame, at: now) }
    let sent = list.compactMap { if case .sent(let sent) = $0 { sent.payload } else { nil } }.first
    let name = RecordedName.question(query.payload)
    let found = Self.name(in: list, answering: query, from: source)
    machines[machine].transcript.add(.heard, at: now, "query \(name)")
    machines[machine].transcript.add(
      .said, at: now, found.map { "\($0.address)" } ?? (sent == nil ? "nothing" : "no address"))
    if isConfigured { machines[machine].sayings.take(found?.address, toQueryOf: name) }
    guard let recorded = answer.flatMap({ RecordedName(answer: $0.payload) }) else { return }
    if isConfigured, found == nil, isMissed(query, recorded.address, list, machine) {
      return machines[machine].observe(
        .failure, at: .bootFile, .query(query, answer: answer),
        "\(name) has no address, and the machine goes there")
    }
    guard found?.address != hereServer(recorded.address),
      appliance.world.catalog.zones.zone(of: recorded.name) != nil
    else { return }
    let said = found.map { "is \($0.address)" } ?? "has no address"
    machines[machine].observe(
      isConfigured ? .difference : .failure, at: .bootFile,
      .query(query, answer: answer), "\(name) \(said), recorded \(recorded.address)")
  }

  /// Whether a machine that asks us for names goes on to where a name of ours led in the recording.
  private func isMissed(
    _ query: RecordedDatagram, _ address: IPv4Address, _ list: [Outcome], _ machine: Int
  ) -> Bool {
    let servers = machines[machine].acknowledgement?[DHCPOption.domainNameServer]
    let (a, b, c, d) = stage.local.octets
    guard query.destination.address == stage.recordedServer,
      servers?.starts(with: [a, b, c, d]) ?? true,
      // What another server says of it nobody knows here.
      !list.contains(where: { if case .asked = $0 { true } else { false } })
    else { return false }
    return machines[machine].recorded.steps.contains { step in
      guard step.frame > query.frame else { return false }
      switch step {
      case .transfer(let transfer): return transfer.request.destination.address == address
      case .exchange(_, let connection):
        return recording.connections[connection].server.address == address
      case .question, .query: return false
      }
    }
  }

  private func hereServer(_ there: IPv4Address) -> IPv4Address {
    there == stage.recordedServer ? stage.local : there
  }

  /// What a resolver takes of our answer: one to its port, of its id, without an error.
  private static func name(
    in list: [Outcome], answering query: RecordedDatagram, from source: Endpoint
  ) -> RecordedName? {
    for case .sent(let sent) in list {
      guard sent.destination == source, sent.payload.prefix(2) == query.payload.prefix(2),
        let header = try? DNSHeader(decoding: sent.payload.rawSpan), header.responseCode == 0
      else { continue }
      return RecordedName(answer: sent.payload)
    }
    return nil
  }
}

extension RecordedName {
  /// The name that a message asks for, made safe to print.
  static func question(_ payload: [UInt8]) -> String {
    var name = DomainName()
    let isRead =
      (try? DNSNameReader.read(payload.rawSpan, at: DNSHeader.byteCount, into: &name)) != nil
    return isRead ? "\(name)" : "of a malformed name"
  }
}
