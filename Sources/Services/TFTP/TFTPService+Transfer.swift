import Boot
import Bytes
import Network
import Wire

// What follows the request.
extension TFTPService {
  /// Whether the driver must hand the content of `openTransfer` as ``NetASCII``, with the number
  /// of bytes that it has then.
  package func wantsNetASCII(_ id: TransferID) -> Bool {
    guard let slot = slot(of: id), let transfer = slots[slot] else { return false }
    return transfer.mode == .netASCII
  }

  /// Takes the driver's word that the resource of `openTransfer` holds `byteCount` bytes.
  package mutating func opened(
    _ id: TransferID, byteCount: Int, at now: Instant, into actions: inout Actions
  ) {
    guard let slot = slot(of: id), slots[slot]?.phase == .opening else { return }
    slots[slot]?.open(byteCount: byteCount, limits: limits)
    guard let transfer = slots[slot] else { return }
    record(
      .transferStarted(
        name: transfer.name, byteCount: byteCount, blockSize: transfer.blockSize,
        windowSize: Int(transfer.windowSize)), transfer, into: &actions)
    if transfer.granted.isEmpty {
      slots[slot]?.phase = .sending
      sendWindow(slot, at: now, into: &actions)
    } else {
      slots[slot]?.phase = .negotiating
      sendOptions(slot, at: now, into: &actions)
    }
  }

  /// Takes the driver's word that the resource of `openTransfer` does not exist. The client hears
  /// it at once: firmware asks for files that are not there all the time.
  package mutating func missing(_ id: TransferID, at now: Instant, into actions: inout Actions) {
    guard let slot = slot(of: id), let transfer = slots[slot] else { return }
    send(.fileNotFound, "no such file", to: transfer.arrival, into: &actions)
    record(.fileMissing(.tftp, name: transfer.name), transfer, into: &actions)
    close(slot, into: &actions)
  }

  /// Takes the driver's word that the content is larger than ``NetASCII/limit``.
  package mutating func tooLargeForText(
    _ id: TransferID, at now: Instant, into actions: inout Actions
  ) {
    guard let slot = slot(of: id), let transfer = slots[slot] else { return }
    send(.undefined, "too large for netascii, use octet mode", to: transfer.arrival, into: &actions)
    record(
      transfer.failed(.refused(code: TFTPErrorCode.undefined.rawValue)), transfer, into: &actions)
    close(slot, into: &actions)
  }

  /// Takes the driver's word that the content cannot be read any more, or has no port to leave
  /// from.
  package mutating func failed(_ id: TransferID, at now: Instant, into actions: inout Actions) {
    guard let slot = slot(of: id), let transfer = slots[slot] else { return }
    if transfer.phase == .opening {
      // It may have no port to send from.
      send(.undefined, "cannot be served now", to: transfer.arrival, into: &actions)
    } else {
      let start = actions.writer.count
      TFTPErrorCode.undefined.encode("file changed or unreadable", into: &actions.writer)
      actions.append(
        .sendFromTransfer(id, actions.written(since: start), to: transfer.arrival.source))
    }
    record(transfer.failed(.cut), transfer, into: &actions)
    close(slot, into: &actions)
  }

  /// Takes the kernel's word that nobody is at the client's port any more (ICMP). A client that
  /// was sent the last block closes its port after its ACK, which may be what was lost.
  package mutating func unreachable(
    _ id: TransferID, at now: Instant, into actions: inout Actions
  ) {
    guard let slot = slot(of: id), let transfer = slots[slot] else { return }
    if transfer.phase == .sending, transfer.sent == transfer.lastBlock {
      return complete(slot, at: now, into: &actions)
    }
    record(
      transfer.isProbe
        ? transfer.probed : transfer.failed(.timedOut(atBlock: transfer.acknowledged)),
      transfer, into: &actions)
    close(slot, into: &actions)
  }

  /// Takes a packet that came to a transfer's own port.
  package mutating func receive(
    _ bytes: RawSpan, for id: TransferID, from source: Endpoint, at now: Instant,
    into actions: inout Actions
  ) {
    guard let slot = slot(of: id), let client = slots[slot]?.arrival.source,
      let packet = try? TFTPPacket(checking: bytes)
    else { return }
    guard source == client else {
      // Never answered: an ERROR for an ERROR would go round for ever.
      if case .error = packet { return }
      return answerStranger(id, at: source, into: &actions)
    }
    switch packet {
    case .acknowledgement(let block): acknowledge(slot, block, at: now, into: &actions)
    case .error(let code, let message):
      guard let transfer = slots[slot] else { return }
      let text = String(decoding: message.octets().prefix(128), as: UTF8.self)
      record(
        transfer.isProbe ? transfer.probed : transfer.failed(.aborted(code: code, message: text)),
        transfer, into: &actions)
      close(slot, into: &actions)
    case .readRequest, .writeRequest, .data, .optionAcknowledgement: return
    }
  }

  /// RFC 1350 §4: the stranger is told that this is no transfer of its, and the transfer lives on.
  private func answerStranger(
    _ id: TransferID, at source: Endpoint, into actions: inout Actions
  ) {
    let start = actions.writer.count
    TFTPErrorCode.unknownTransfer.encode("unknown transfer", into: &actions.writer)
    actions.append(.sendFromTransfer(id, actions.written(since: start), to: source))
    actions.record(Event(.packetDropped(.tftp, .stranger), address: source.address))
  }

  private mutating func acknowledge(
    _ slot: Int, _ number: UInt16, at now: Instant, into actions: inout Actions
  ) {
    guard var transfer = slots[slot], let block = transfer.block(acknowledgedBy: number) else {
      return
    }
    switch transfer.phase {
    case .opening: return
    case .negotiating: transfer.phase = .sending
    case .sending:
      if block > transfer.acknowledged {
        transfer.hasRestarted = false
      } else if transfer.mayRestart {
        transfer.hasRestarted = true
      } else {
        return
      }
    }
    transfer.heard = now
    transfer.acknowledged = block
    transfer.tries = 0
    transfer.pause = transfer.firstPause(limits)
    slots[slot] = transfer
    if block == transfer.lastBlock { return complete(slot, at: now, into: &actions) }
    sendWindow(slot, at: now, into: &actions)
  }

  private mutating func complete(_ slot: Int, at now: Instant, into actions: inout Actions) {
    guard let transfer = slots[slot] else { return }
    record(
      .transferCompleted(
        name: transfer.name, byteCount: transfer.byteCount, now - transfer.started,
        resent: transfer.resent), transfer, into: &actions)
    close(slot, into: &actions)
  }

  /// Sends what each transfer whose time has come awaits an answer to once more, or gives it up.
  package mutating func timeout(at now: Instant, into actions: inout Actions) {
    while let slot = deadlines.popDue(at: now) {
      guard let transfer = slots[slot] else { continue }
      let tries = transfer.isVerified ? limits.tries : limits.unverifiedTries
      guard transfer.phase != .opening, transfer.tries < tries else {
        // Some boot programs are gone with the last block: their last ACK stays in a network card that
        // the kernel takes, or they never send it. It took place when they were heard last.
        if transfer.awaitsLastAcknowledgement {
          complete(slot, at: transfer.heard, into: &actions)
          continue
        }
        record(
          transfer.failed(.timedOut(atBlock: transfer.acknowledged)), transfer, into: &actions)
        close(slot, into: &actions)
        continue
      }
      slots[slot]?.pause = min(transfer.pause * 2, max(transfer.pause, limits.longestTimeout))
      switch transfer.phase {
      case .opening: continue
      case .negotiating: sendOptions(slot, at: now, into: &actions)
      case .sending: sendWindow(slot, at: now, into: &actions)
      }
    }
  }

  private mutating func sendOptions(_ slot: Int, at now: Instant, into actions: inout Actions) {
    guard let transfer = slots[slot] else { return }
    let start = actions.writer.count
    transfer.granted.encodeAcknowledgement(into: &actions.writer)
    actions.append(
      .sendFromTransfer(
        transfer.id, actions.written(since: start), to: transfer.arrival.source))
    slots[slot]?.tries += 1
    deadlines.set(slot, to: now + transfer.pause)
  }

  private mutating func sendWindow(_ slot: Int, at now: Instant, into actions: inout Actions) {
    guard var transfer = slots[slot] else { return }
    let window = transfer.window
    let last = transfer.acknowledged + UInt64(window.count)
    if window.first <= transfer.sent {
      transfer.resent += Int(min(transfer.sent, last) - transfer.acknowledged)
    }
    transfer.sent = max(transfer.sent, last)
    transfer.tries += 1
    slots[slot] = transfer
    deadlines.set(slot, to: now + transfer.pause)
    actions.append(.sendBlocks(transfer.id, window))
  }
}
