import Network
import Replay
import Services
import Synchronization
import Wire

extension Outcome {
  var isStored: Bool { if case .stored = self { true } else { false } }

  /// Whether it is a TFTP packet of this kind.
  func isTFTP(_ operation: UInt8) -> Bool {
    guard case .sent(let sent) = self, sent.source.port >= 49_152 else { return false }
    return sent.payload.starts(with: [0, operation])
  }

  var isOffer: Bool {
    guard case .sent(let sent) = self, sent.source.port == 67 else { return false }
    return DHCPMeaning(reading: sent.payload)?.type == .offer
  }
}

extension SentDatagram {
  func moved(to port: UInt16) -> SentDatagram {
    SentDatagram(
      source: source, destination: Endpoint(destination.address, port), hardware: hardware,
      interface: interface, payload: payload)
  }

  func holding(_ payload: [UInt8]) -> SentDatagram {
    SentDatagram(
      source: source, destination: destination, hardware: hardware, interface: interface,
      payload: payload)
  }
}

/// Answers what the service answers by nothing with the last DATA that it sent.
final class LastBlocks: Sendable {
  private let last = Mutex<Outcome?>(nil)

  func repeatOrKeep(_ outcomes: inout [Outcome]) {
    last.withLock { last in
      if outcomes.isEmpty, let last { outcomes = [last] }
      last = outcomes.last { $0.isTFTP(3) }
    }
  }
}
