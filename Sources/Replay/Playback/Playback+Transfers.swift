import Boot
import Bytes
import Network
import Services
import Wire

// TFTP.
extension Playback {
  /// Asks for a recorded transfer's file by the name that it has here.
  mutating func begin(_ transfer: RecordedTransfer, _ step: Int, _ machine: Int, at now: Instant) {
    let asked = String(decoding: transfer.name, as: UTF8.self)
    let place = RecordedStep.transfer(transfer)
    guard !leaves(fetching: asked, machine, place, at: now),
      !wasToldNothing(fetching: asked, machine, place)
    else { return }
    takeDetour(to: transfer, machine, at: now)
    let name = borne(nameHere(asked, machines[machine]), by: machine)
    let source = Endpoint(
      machines[machine].address ?? transfer.request.source.address, transfer.request.source.port)
    var play = TransferPlay(step: step, client: source, name: name, asked: transfer.asked)
    let rest = transfer.request.payload.dropFirst(2).drop { $0 != 0 }
    let payload = Array(transfer.request.payload.prefix(2)) + Array(name.utf8) + Array(rest)
    let supply = self.supply(for: transfer)
    machines[machine].transcript.add(
      .heard, at: now, "RRQ \(Escaped(name))\(Self.options(transfer.asked))")
    play.supply = supply.file
    play.lost = Self.losses(of: transfer)
    machines[machine].transfers.append(play)
    let index = machines[machine].transfers.count - 1
    transferByClient[source] = (machine, index)
    if serves(\.tftp) {
      appliance.receive(
        payload, from: arrival(source, port: 69), supplying: supply.supply, at: now,
        into: &outcomes)
    }
    let list = takeOutcomes()
    for outcome in list {
      note(outcome, machine, frame: transfer.request.frame, at: now)
      if case .sent(let datagram) = outcome { deliver(datagram, at: now) }
    }
    if list.count(where: Self.isOACK) > 1 {
      machines[machine].observe(.failure, at: .bootFile, place, "\(TransferRule.secondOACK)")
    }
    follow(transfer, machine, index, at: now)
  }

  func arrival(_ source: Endpoint, port: UInt16) -> Arrival {
    Arrival(
      source: source, destination: Endpoint(stage.local, port), local: stage.local,
      interface: stage.interface)
  }

  private func supply(
    for transfer: RecordedTransfer
  ) -> (supply: Supply, file: WorldFile?) {
    guard !isConfigured else { return (.world, nil) }
    switch transfer.ending {
    case .refused: return (.missing, nil)
    case .unanswered:
      // What it holds nobody knows; that it is answered, and how, can still be seen.
      let file = contents[String(decoding: transfer.name, as: UTF8.self)] ?? WorldFile(byteCount: 1)
      return (.file(file), file)
    case .completed, .probed, .aborted, .cut: break
    }
    guard let file = contents[String(decoding: transfer.name, as: UTF8.self)] else {
      return (.missing, nil)
    }
    return (.file(file), file)
  }

  /// The client's packets come as they were recorded where our answer is the recorded one, and are
  /// made here where our blocks are others.
  private mutating func follow(
    _ transfer: RecordedTransfer, _ machine: Int, _ index: Int, at now: Instant
  ) {
    let play = machines[machine].transfers[index]
    let place = machines[machine].recorded.steps[play.step]
    machines[machine].sayings.take(
      play.port.flatMap { appliance.file(ofTransferAt: $0) }, refusal: play.refusal, of: play.name)
    if let code = play.refusal {
      machines[machine].transcript.add(.said, at: now, "ERROR \(code)")
    } else if let granted = play.granted {
      machines[machine].transcript.add(.said, at: now, "OACK\(Self.options(granted))")
    }
    if let port = play.port {
      judge(bootFile: play.name, appliance.file(ofTransferAt: port), machine, place)
    }
    if leavesForText(of: transfer, machine, index, place, at: now) { return }
    let isSame = play.granted == transfer.granted && play.lost.isEmpty
    switch transfer.ending {
    case .refused where goesOn(from: place, isThere: play.refusal == nil, machine, at: now):
      return
    case .refused where play.refusal == nil && isConfigured:
      // What was not there is here: a menu or a script of ours.
      let url = BootURL(.tftp, host: stage.local.description, path: play.name)
      leaves(with: rendered(machine, index), of: url, machine, place, at: now)
    case .refused, .unanswered: return
    case .probed, .aborted, .cut: schedule(transfer, machine, index)
    case .completed where isSame: schedule(transfer, machine, index)
    case .completed:
      machines[machine].transfers[index].isPaced = true
      let blocks = max(
        1,
        (play.supply?.byteCount ?? 0) / max(8, play.blockSize)
          / max(1, Int(play.granted?.windowSize ?? 1)))
      let spent = max(0, (transfer.finished - now).nanoseconds)
      machines[machine].transfers[index].pace = .nanoseconds(
        min(10_000_000, spent / Int64(blocks + 1)))
      queue.add(.acknowledgement(machine: machine, transfer: index), at: now)
    }
  }

  /// Whether a menu or a script comes that is not the recorded one, so that what follows is another
  /// boot's.
  private mutating func leavesForText(
    of transfer: RecordedTransfer, _ machine: Int, _ index: Int, _ place: RecordedStep,
    at now: Instant
  ) -> Bool {
    let recorded = transfer.content
    guard isConfigured, case .completed = transfer.ending, recorded.isWhole, !recorded.isElided,
      let there = Saying.text(recorded.octets)
    else { return false }
    let octets = rendered(machine, index)
    guard !octets.isEmpty, let here = Saying.text(octets), !isSame(here, as: there)
    else { return false }
    let name = machines[machine].transfers[index].name
    leaves(
      with: octets, of: BootURL(.tftp, host: stage.local.description, path: name), machine, place,
      at: now)
    // The model fetches it once more; this transfer's packets are another boot's too.
    if machines[machine].hasLeft { machines[machine].transfers[index].isDone = true }
    return machines[machine].hasLeft
  }

  /// What our transfer brings, where it is short enough to be a menu.
  private func rendered(_ machine: Int, _ index: Int) -> [UInt8] {
    guard let port = machines[machine].transfers[index].port else { return [] }
    return appliance.file(ofTransferAt: port)?.octets ?? []
  }

  private mutating func schedule(_ transfer: RecordedTransfer, _ machine: Int, _ index: Int) {
    for packet in transfer.fromClient {
      queue.add(.packet(machine: machine, transfer: index, packet), at: packet.time)
    }
  }

  /// A recorded packet goes to the port that our transfer has here.
  mutating func send(
    _ datagram: RecordedDatagram, _ machine: Int, _ transfer: Int, at now: Instant
  ) {
    let play = machines[machine].transfers[transfer]
    let isRequest = datagram.destination.port == 69
    guard let port = isRequest ? 69 : play.port else { return }
    var payload = datagram.payload
    if isRequest {
      payload =
        Array(payload.prefix(2)) + Array(play.name.utf8) + payload.dropFirst(2).drop { $0 != 0 }
    }
    appliance.receive(
      payload, from: arrival(play.client, port: port),
      supplying: play.supply.map { .file($0) } ?? (isConfigured ? .world : .missing), at: now,
      into: &outcomes)
    absorb(at: now)
  }

  mutating func acknowledge(_ machine: Int, _ transfer: Int, at now: Instant) {
    let play = machines[machine].transfers[transfer]
    guard let port = play.port else { return }
    appliance.receive(
      play.acknowledgement, from: arrival(play.client, port: port), at: now, into: &outcomes)
    absorb(at: now)
  }

  /// Gives a packet of ours to the transfer that it is for.
  mutating func deliver(_ datagram: SentDatagram, at now: Instant) {
    guard let (machine, index) = transferByClient[datagram.destination] else { return }
    let file =
      appliance.file(ofTransferAt: datagram.source.port)
      ?? machines[machine].transfers[index].supply
    let wasDone = machines[machine].transfers[index].isDone
    let answers = machines[machine].transfers[index].receive(
      datagram.payload, from: datagram.source.port, of: file)
    let play = machines[machine].transfers[index]
    if answers, play.isPaced {
      queue.add(.acknowledgement(machine: machine, transfer: index), at: now + play.pace)
    }
    if play.isDone, !wasDone {
      machines[machine].transcript.add(
        .said, at: now, "\(Escaped(play.name)) whole, \(play.byteCount) bytes")
    }
  }

  /// What has not come whole by the end, although the recording's did, never will.
  mutating func settleTransfers(_ machine: Int) {
    for play in machines[machine].transfers {
      let place = machines[machine].recorded.steps[play.step]
      guard case .transfer(let transfer) = place else { continue }
      settle(play, transfer, place, machine)
    }
  }

  private mutating func settle(
    _ play: TransferPlay, _ transfer: RecordedTransfer, _ place: RecordedStep, _ machine: Int
  ) {
    let name = "\(Escaped(play.name))"
    if let fault = play.fault {
      return machines[machine].observe(.failure, at: .bootFile, place, "\(name): \(fault)")
    }
    switch transfer.ending {
    case .completed where play.refusal != nil:
      machines[machine].observe(
        .failure, at: .bootFile, place, "\(name) was refused with ERROR \(play.refusal ?? 0)")
    case .completed where !play.isDone:
      machines[machine].observe(
        .failure, at: .bootFile, place, "\(name) stopped after block \(play.blockCount)")
    case .completed:
      machines[machine].hasBooted = true
      machines[machine].answered += 1
    case .refused where play.refusal == nil && !isConfigured:
      machines[machine].observe(
        .failure, at: .bootFile, place, "\(name) is not there, and was served")
    case .refused, .probed, .aborted, .cut, .unanswered:
      if play.port != nil || play.refusal != nil { machines[machine].answered += 1 }
    }
  }

  /// The blocks that the recorded client waited for until it repeated its ACK: they were lost
  /// there, and their first copy is lost here too, so that ours has to send them again. Not in
  /// windows, where an ACK is repeated for other reasons. Nobody repeats one at once: then the
  /// capture saw each packet twice, on a bridge and on its port.
  private static func losses(of transfer: RecordedTransfer) -> Set<UInt64> {
    guard case .completed = transfer.ending, transfer.granted?.windowSize ?? 1 == 1 else {
      return []
    }
    var losses: Set<UInt64> = []
    // Before the first block only an OACK is acknowledged.
    var acknowledged: UInt64? = transfer.granted == nil ? 0 : nil
    var last = transfer.request.time
    for datagram in transfer.fromClient {
      guard let packet = try? TFTPPacket(checking: datagram.payload.rawSpan),
        case .acknowledgement(let number) = packet
      else { continue }
      defer { last = datagram.time }
      let next = acknowledged.map { $0 + 1 } ?? 0
      if number == UInt16(truncatingIfNeeded: next) {
        acknowledged = next
      } else if let acknowledged, number == UInt16(truncatingIfNeeded: acknowledged),
        datagram.time - last >= .milliseconds(50)
      {
        losses.insert(acknowledged + 1)
      }
    }
    return losses
  }

  private static func isOACK(_ outcome: Outcome) -> Bool {
    if case .sent(let sent) = outcome { sent.payload.starts(with: [0, 6]) } else { false }
  }

  static func options(_ values: TFTPOptionValues) -> String {
    var text = ""
    if let size = values.transferSize { text += " tsize=\(size)" }
    if let size = values.blockSize { text += " blksize=\(size)" }
    if let size = values.windowSize { text += " windowsize=\(size)" }
    if let seconds = values.timeout { text += " timeout=\(seconds)" }
    return text
  }

  /// Where the recorded server sent iPXE straight to another program, ours sends it to its script.
  /// In the recorded world that script sends it on to that program.
  private mutating func takeDetour(to transfer: RecordedTransfer, _ machine: Int, at now: Instant) {
    let file = String(decoding: transfer.name, as: UTF8.self)
    let state = machines[machine]
    guard !isConfigured, state.bootFile.hasPrefix("http"), !state.recordedBootFile.isEmpty,
      !state.recordedBootFile.contains("://"),
      Self.path(file) == Self.path(state.recordedBootFile)
    else { return }
    let script = Array("#!ipxe\nchain tftp://\(stage.local)/\(Self.path(file))\n".utf8)
    machines[machine].transcript.add(
      .remark, at: now, "the recorded server named \(Escaped(file)); our script chains to it")
    let target = "/" + Self.path(state.bootFile)
    lastConnection += 1
    let id = ConnectionID(lastConnection)
    let client = state.address ?? transfer.request.source.address
    appliance.connect(id, from: arrival(Endpoint(client, 49_151), port: 80))
    machines[machine].transcript.add(.heard, at: now, "GET \(Escaped(target))")
    appliance.receive(
      Array("GET \(target) HTTP/1.1\r\nHost: \(stage.local)\r\n\r\n".utf8), on: id,
      supplying: .file(WorldFile(script)), at: now, into: &outcomes)
    let list = takeOutcomes()
    for outcome in list { note(outcome, machine, frame: transfer.request.frame, at: now) }
    let response = OwnResponse(list, isHead: false)
    if response?.body != script {
      machines[machine].observe(
        .failure, at: .script, .transfer(transfer), "GET \(Escaped(target)) brought no script")
    }
  }

  /// The name that the machine asks for here: the boot file that it was told of, and what lies
  /// beside it.
  func nameHere(_ name: String, _ machine: ReplayedMachine) -> String {
    let there = Self.path(machine.recordedBootFile)
    let here = Self.path(machine.bootFile)
    guard !there.isEmpty, !here.isEmpty, !machine.bootFile.contains("://"),
      machine.firmware?.namesItsFiles != true
    else { return name }
    let bare = String(name.drop { $0 == "/" })
    if bare == there { return here }
    let folder = Self.folder(there)
    return bare.hasPrefix(folder) ? Self.folder(here) + bare.dropFirst(folder.count) : name
  }

  /// A URL's path, or a name, without a slash at its beginning.
  static func path(_ text: String) -> String {
    guard let scheme = text.firstRange(of: "://") else { return String(text.drop { $0 == "/" }) }
    let rest = text[scheme.upperBound...].drop { $0 != "/" }
    return String(rest.drop { $0 == "/" })
  }

  private static func folder(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[...slash])
  }
}
