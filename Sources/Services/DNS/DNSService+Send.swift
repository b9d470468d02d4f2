import Boot
import Bytes
import Network
import Wire

// How an answer begins and ends, and where it goes.
extension DNSService {
  /// Begins an answer; where it begins in the arena.
  mutating func begin(
    _ asker: DNSAsker, question: RawSpan, authoritative: Bool = false, recursion: Bool = false,
    into actions: inout Actions
  ) -> Int {
    let start = actions.writer.count
    if asker.client.isStream { actions.writer.write(UInt16(0)) }
    let copied = DNSHeader.recursionDesired | DNSHeader.checkingDisabled
    var header = DNSHeader(
      id: asker.header.id,
      flags: DNSHeader.response | UInt16(asker.header.opcode) << 11 | asker.header.flags & copied)
    if authoritative { header.flags |= DNSHeader.authoritative }
    if recursion { header.flags |= DNSHeader.recursionAvailable }
    writer.begin(header, question: question, into: &actions.writer)
    return start
  }

  /// Ends the answer that began at `start` and sends it, cut short (TC) where it is too long.
  mutating func finish(
    _ start: Int, _ asker: DNSAsker, questionCount: Int, extended: UInt8 = 0,
    into actions: inout Actions
  ) {
    let room = asker.limit - (asker.edns == nil ? 0 : DNSExtension.byteCount)
    if writer.byteCount(actions.writer) > room {
      counts.truncated += 1
      writer.truncate(questionCount: questionCount, into: &actions.writer)
    }
    if let edns = asker.edns {
      writer.edns(
        DNSExtension(
          payloadSize: DNSAsker.payloadSize, extendedCode: extended,
          wantsSecurity: edns.wantsSecurity),
        into: &actions.writer)
    }
    writer.finish(into: &actions.writer)
    send(start, to: asker.client, into: &actions)
  }

  func send(_ start: Int, to client: DNSClient, into actions: inout Actions) {
    let bytes = actions.written(since: start)
    switch client {
    case .datagram(let arrival):
      actions.append(
        .send(
          Reply(
            payload: bytes, destination: .endpoint(arrival.source),
            source: Endpoint(arrival.local, Self.port), interface: arrival.interface)))
    case .stream(let id, _):
      actions.writer.replace(
        UInt16(truncatingIfNeeded: bytes.count - DNSFrame.prefixCount), at: start)
      actions.append(.answer(id, bytes))
    }
  }

  package static let port: UInt16 = 53
}
