import Boot
import Bytes
import Network
import Services
import Wire

/// What a model and its server do, as lines of a transcript. Blocks of files and their ACKs are left
/// out.
struct ModelText {
  let event: LinkEvent

  init(_ event: LinkEvent) { self.event = event }

  func add(to transcript: inout Transcript, at time: Instant) {
    switch event {
    case .requested(_, let request):
      if let text = Self.text(request) { transcript.add(.heard, at: time, text) }
    case .done(_, let outcome): Self.add(outcome, to: &transcript, at: time)
    case .arrived, .due, .responded, .addressed, .settled, .stopped, .started, .counted: break
    }
  }

  private static func text(_ request: ClientRequest) -> String? {
    switch request {
    case .datagram(_, let to, let payload): return text(payload, to: to)
    case .http(_, _, let octets):
      let line = octets.prefix { $0 != 0x0d }.split(separator: 0x20).prefix(2)
      return line.map { "\(Escaped(String(decoding: $0, as: UTF8.self)))" }.joined(separator: " ")
    case .note(let text): return "* \(text)"
    case .hangUp: return nil
    }
  }

  private static func text(_ payload: [UInt8], to endpoint: Endpoint) -> String? {
    switch endpoint.port {
    case 67, 4011:
      let datagram = RecordedDatagram(
        frame: 0, time: .start, sourceHardware: nil, destinationHardware: nil,
        source: endpoint, destination: endpoint, payload: payload)
      return RecordedQuestion(datagram).map(DHCPText.question)
    case 53: return "query \(RecordedName.question(payload))"
    case _:
      guard let packet = try? TFTPPacket(checking: payload.rawSpan) else { return nil }
      switch packet {
      case .readRequest(let request):
        let name = String(decoding: request.name.octets(), as: UTF8.self)
        return "RRQ \(Escaped(name))\(Playback.options(TFTPOptionValues(request.options)))"
      case .error(let code, _): return "ERROR \(code)"
      case .writeRequest, .data, .acknowledgement, .optionAcknowledgement: return nil
      }
    }
  }

  private static func add(
    _ outcome: Outcome, to transcript: inout Transcript, at time: Instant
  ) {
    switch outcome {
    case .sent(let sent):
      if let text = text(sent) { transcript.add(.said, at: time, text) }
    case .responded(_, let octets):
      let line = octets.prefix { $0 != 0x0d }
      if line.starts(with: "HTTP/".utf8) {
        transcript.add(.said, at: time, String(decoding: line.dropFirst(9), as: UTF8.self))
      }
    case .recorded(let event): transcript.add(event, at: time)
    case .stored(let lease): transcript.add(.stored, at: time, "store lease \(lease.address)")
    case .erased(let address): transcript.add(.stored, at: time, "erase lease \(address)")
    case .kept(let change): transcript.add(.stored, at: time, "\(change)")
    case .respondedFile, .closed, .decided, .asked: break
    }
  }

  private static func text(_ sent: SentDatagram) -> String? {
    if let reply = OwnReply(sent) { return reply.text }
    guard sent.source.port != 53, let packet = try? TFTPPacket(checking: sent.payload.rawSpan)
    else { return nil }
    switch packet {
    case .optionAcknowledgement(let options):
      return "OACK\(Playback.options(TFTPOptionValues(options)))"
    case .error(let code, _): return "ERROR \(code)"
    case .readRequest, .writeRequest, .data, .acknowledgement: return nil
    }
  }
}
