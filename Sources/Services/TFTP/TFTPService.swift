import Boot
import Bytes
import Network
import Wire

/// Serves files by TFTP, read only (RFC 1350, 2347–2349, 7440).
///
/// A value: it knows neither sockets nor files. For a request it emits `openTransfer`, and the
/// driver answers with ``opened(_:byteCount:at:into:)`` or ``missing(_:at:into:)`` at once.
///
/// A driver must translate the content of a transfer that ``wantsNetASCII(_:)``: tftp-hpa's client
/// asks for it unless told otherwise, and would take line ends out of what is not translated.
package struct TFTPService: Sendable {
  let limits: TFTPLimits
  var slots: [TFTPTransfer?] = []
  private var free: [Int] = []
  private var slotByClient: [TFTPTransfer.Client: Int] = [:]
  private var countByAddress: [IPv4Address: Int] = [:]
  private var serial: UInt64 = 0
  /// The slot that was looked at last for one to give up.
  private var oldest = 0
  var deadlines = Deadlines()

  package init(limits: TFTPLimits = TFTPLimits()) {
    precondition(limits.transfers < 1 << 16, "a transfer's number holds its slot in 16 bits")
    self.limits = limits
  }

  package var transferCount: Int { slotByClient.count }

  /// When to call ``timeout(at:into:)``; nothing may be due then after all.
  package var nextDeadline: Instant? { deadlines.earliest }

  /// Takes a packet that came to the well-known port.
  ///
  /// - Parameter mtu: Of the interface it came in on, in bytes of IP packet: no block is larger,
  ///   because boot ROMs do not put fragments together.
  package mutating func receive(
    _ bytes: RawSpan, from arrival: Arrival, mtu: Int, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) {
    let address = arrival.source.address
    guard arrival.source.port != 0, address.number >> 24 < 224, address != .unspecified else {
      return drop(.noIdentity, arrival, into: &actions)
    }
    do {
      switch try TFTPPacket(checking: bytes) {
      case .readRequest(let request):
        guard Self.serves(address, on: arrival.interface, catalog) else {
          return drop(.notServedHere, arrival, into: &actions)
        }
        read(request, from: arrival, mtu: mtu, at: now, into: &actions)
      case .writeRequest(let request):
        refuse(request, .accessViolation, "read only", arrival, into: &actions)
      case .data, .acknowledgement, .optionAcknowledgement, .error:
        // Never answered: an ERROR for an ERROR would go round for ever.
        drop(.stranger, arrival, into: &actions)
      }
    } catch {
      let fact = Fact.packetMalformed(.tftp, reason: error.description)
      actions.record(Event(fact, address: address))
      guard bytes.byteCount > 2, bytes.octet(at: 0) == 0, (1...2).contains(bytes.octet(at: 1))
      else { return }
      send(.illegalOperation, "malformed request", to: arrival, into: &actions)
    }
  }

  /// Whether requests of `address` are taken: where we give the addresses, only from the subnets
  /// that we know, so that nobody far away can make us send (hardening case 26).
  private static func serves(
    _ address: IPv4Address, on number: Int32, _ catalog: Catalog
  ) -> Bool {
    guard let interface = catalog.interface(number), interface.dhcp == .authoritative else {
      return true
    }
    return catalog.subnet(holding: address) != nil
  }

  private mutating func read(
    _ request: borrowing TFTPRequest, from arrival: Arrival, mtu: Int, at now: Instant,
    into actions: inout Actions
  ) {
    guard let path = Self.path(request.name) else {
      return refuse(request, .accessViolation, "no such name", arrival, into: &actions)
    }
    guard request.mode != .mail else {
      return refuse(request, .illegalOperation, "no mail", arrival, into: &actions)
    }
    let name = path.description
    let asked = TFTPOptionValues(request.options)
    let client = TFTPTransfer.Client(endpoint: arrival.source, interface: arrival.interface)
    if let slot = slotByClient[client], let transfer = slots[slot] {
      if isRepetition(of: transfer, name, asked, at: now) { return }
      abandon(slot, into: &actions)
    }
    let count = countByAddress[arrival.source.address] ?? 0
    guard count < limits.transfersPerClient,
      transferCount < limits.transfers || makeRoom(into: &actions)
    else {
      drop(.tooMany, arrival, into: &actions)
      return send(.undefined, "too many transfers", to: arrival, into: &actions)
    }
    let slot = takeSlot()
    serial += 1
    let transfer = TFTPTransfer(
      id: TransferID(serial << 16 | UInt64(slot)), arrival: arrival, name: name,
      mode: request.mode, asked: asked, linkBlockSize: mtu - 32, pause: limits.timeout, at: now)
    slots[slot] = transfer
    slotByClient[client] = slot
    countByAddress[arrival.source.address] = count + 1
    // Only so that a driver that never answers keeps no slot.
    deadlines.set(slot, to: now + limits.longestTimeout)
    actions.append(.openTransfer(transfer.id, Resource(path), for: arrival))
  }

  /// Whether a request is the one that `transfer` answers already. Two OACKs to one request broke
  /// the boot of a Raspberry Pi 2 (raspberrypi/firmware#1041); a machine that was reset asks from
  /// the same port again, and only time tells.
  private func isRepetition(
    of transfer: TFTPTransfer, _ name: String, _ asked: TFTPOptionValues, at now: Instant
  ) -> Bool {
    guard transfer.name == name, transfer.asked == asked else { return false }
    return transfer.acknowledged == 0 && transfer.phase != .sending
      || now < transfer.heard + limits.repetition
  }

  /// The path that a name means. One 0xff at its end is firmware's: old PXE ROMs take option 67
  /// without its length and send the end mark with it.
  private static func path(_ name: RawSpan) -> BootPath? {
    var count = name.byteCount
    if count > 0, name.octet(at: count - 1) == 0xff { count -= 1 }
    return BootPath(name.extracting(0..<count).octets())
  }

  private func refuse(
    _ request: borrowing TFTPRequest, _ code: TFTPErrorCode, _ message: String,
    _ arrival: Arrival, into actions: inout Actions
  ) {
    let name = String(decoding: request.name.octets().prefix(128), as: UTF8.self)
    let fact = Fact.transferFailed(name: name, .refused(code: code.rawValue))
    actions.record(Event(fact, address: arrival.source.address))
    send(code, message, to: arrival, into: &actions)
  }

  private func drop(_ reason: Fact.Drop, _ arrival: Arrival, into actions: inout Actions) {
    actions.record(Event(.packetDropped(.tftp, reason), address: arrival.source.address))
  }

  /// Sends an ERROR from the well-known port: what is refused needs no port of its own.
  func send(
    _ code: TFTPErrorCode, _ message: String, to arrival: Arrival, into actions: inout Actions
  ) {
    let start = actions.writer.count
    code.encode(message, into: &actions.writer)
    actions.append(
      .send(
        Reply(
          payload: actions.written(since: start), destination: .endpoint(arrival.source),
          source: Endpoint(arrival.local, arrival.destination.port),
          interface: arrival.interface)))
  }
}

// Slots.
extension TFTPService {
  private mutating func takeSlot() -> Int {
    if let slot = free.popLast() { return slot }
    slots.append(nil)
    return slots.count - 1
  }

  /// The slot of a transfer that still lives.
  func slot(of id: TransferID) -> Int? {
    let slot = Int(id.number & 0xffff)
    guard slot < slots.count, slots[slot]?.id == id else { return nil }
    return slot
  }

  /// Forgets a transfer and has its port and file closed.
  mutating func close(_ slot: Int, into actions: inout Actions) {
    guard let transfer = slots[slot] else { return }
    slots[slot] = nil
    free.append(slot)
    deadlines.remove(slot)
    slotByClient[transfer.client] = nil
    let address = transfer.arrival.source.address
    let count = countByAddress[address] ?? 1
    countByAddress[address] = count > 1 ? count - 1 : nil
    actions.append(.closeTransfer(transfer.id))
  }

  /// Closes a transfer whose client has begun another from the same port: the Raspberry Pi 3 does
  /// so after it has learnt a size.
  private mutating func abandon(_ slot: Int, into actions: inout Actions) {
    guard let transfer = slots[slot] else { return }
    record(transfer.isProbe ? transfer.probed : transfer.failed(.cut), transfer, into: &actions)
    close(slot, into: &actions)
  }

  /// Gives up a transfer whose client has not answered yet, the oldest as far as a round tells: a
  /// flood of forged requests pushes out its own, for real clients answer at once.
  private mutating func makeRoom(into actions: inout Actions) -> Bool {
    for _ in 0..<min(slots.count, 64) {
      oldest = (oldest + 1) % slots.count
      guard let transfer = slots[oldest], !transfer.isVerified else { continue }
      let fact = transfer.isProbe ? transfer.probed : transfer.failed(.timedOut(atBlock: 0))
      record(fact, transfer, into: &actions)
      close(oldest, into: &actions)
      return true
    }
    return false
  }

  func record(_ fact: Fact, _ transfer: TFTPTransfer, into actions: inout Actions) {
    actions.record(Event(fact, address: transfer.arrival.source.address))
  }
}

extension TFTPTransfer {
  /// Whether the client may only have wanted to know the size.
  var isProbe: Bool { phase == .negotiating && asked.transferSize != nil }

  var probed: Fact { .transferProbed(name: name, byteCount: byteCount) }

  func failed(_ failure: Fact.TransferFailure) -> Fact {
    .transferFailed(name: name, failure)
  }
}
