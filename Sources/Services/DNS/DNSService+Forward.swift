import Boot
import Bytes
import Network
import Wire

// Asking other servers (RFC 5452: a port of its own for each question, an id that nobody can
// guess, and an answer only counts with id, port, address and question).
extension DNSService {
  /// Asks every server so often at most, all of them together no more than ``mostAttempts``.
  private static let rounds = 2
  private static let mostAttempts = 4

  /// Answers from what is known, or asks.
  ///
  /// - Parameter chain: Our own aliases that lead from the query's name to `question`.
  mutating func forward(
    _ query: borrowing DNSQuery, _ asker: DNSAsker, behind chain: DNSChain? = nil,
    _ context: Context, into actions: inout Actions
  ) {
    if let answer = cache.answer(to: question, at: context.time) {
      counts.cached += 1
      return deliver(
        answer, asker, query.question, behind: chain, at: context.time, into: &actions)
    }
    let waiting = DNSForward.Waiting(
      asker: asker, question: query.question.octets(), chain: chain)
    if let slot = forwards.slot(asking: question) {
      guard let count = forwards[slot]?.waiting.count, count < DNSForward.mostWaiting else {
        counts.failed += 1
        return conclude(.serverFailure, query, asker, into: &actions)
      }
      // A client that asks again does not wait twice.
      let isKnown = forwards[slot]?.waiting.contains {
        $0.asker.client == asker.client && $0.asker.header.id == asker.header.id
      }
      if isKnown == false { forwards[slot]?.waiting.append(waiting) }
      return
    }
    guard
      let slot = forwards.add(
        DNSForward(question: question, waiting: [waiting], first: preferred % 256))
    else {
      counts.failed += 1
      return conclude(.serverFailure, query, asker, into: &actions)
    }
    counts.forwarded += 1
    ask(slot, context, into: &actions)
  }

  private mutating func ask(_ slot: Int, _ context: Context, into actions: inout Actions) {
    let servers = context.catalog.forwarders
    guard let forward = forwards[slot], !servers.isEmpty,
      forward.attempts < min(Self.mostAttempts, servers.count * Self.rounds)
    else { return fail(slot, at: context.time, into: &actions) }
    let server = Endpoint(servers[(forward.first + forward.attempts) % servers.count], Self.port)
    ask(slot, server, byStream: false, context, into: &actions)
  }

  private mutating func ask(
    _ slot: Int, _ server: Endpoint, byStream: Bool, _ context: Context,
    into actions: inout Actions
  ) {
    let id = UInt16(truncatingIfNeeded: context.dice())
    forwards.begin(slot, messageID: id, server: server, byStream: byStream, at: context.time)
    guard let forward = forwards[slot] else { return }
    let start = actions.writer.count
    var header = DNSHeader(id: id, flags: DNSHeader.recursionDesired, questionCount: 1)
    if forward.question.isCheckingDisabled { header.flags |= DNSHeader.checkingDisabled }
    header.additionalCount = 1
    header.encode(into: &actions.writer)
    actions.writer.write(forward.question.name.octets)
    actions.writer.write(forward.question.type)
    actions.writer.write(DNSClass.internet)
    DNSExtension(
      payloadSize: DNSAsker.payloadSize, wantsSecurity: forward.question.wantsSecurity
    ).encode(into: &actions.writer)
    let bytes = actions.written(since: start)
    actions.append(
      byStream ? .askByStream(forward.id, bytes, server) : .ask(forward.id, bytes, server))
  }

  /// Takes what came to the port of a question.
  package mutating func receive(
    _ payload: RawSpan, for id: ForwardID, from server: Endpoint, _ context: Context,
    into actions: inout Actions
  ) {
    guard let slot = forwards.slot(of: id), let forward = forwards[slot] else { return }
    do throws(Malformed) {
      let reply = try DNSReply(checking: payload)
      guard server == forward.server, reply.header.id == forward.messageID,
        reply.header.opcode == DNSOpcode.query, reply.type == forward.question.type,
        reply.recordClass == DNSClass.internet
      else { throw Malformed(.invalid("answer"), at: 0) }
      try reply.readName(into: &ancestor)
      guard ancestor == forward.question.name else {
        throw Malformed(.invalid("question"), at: DNSHeader.byteCount)
      }
      try take(reply, slot, context, into: &actions)
    } catch {
      counts.strays += 1
      forwards[slot]?.strays += 1
      guard forward.strays + 1 >= DNSForward.mostStrays else { return }
      actions.append(.hangUp(id))
      ask(slot, context, into: &actions)
    }
  }

  private mutating func take(
    _ reply: borrowing DNSReply, _ slot: Int, _ context: Context, into actions: inout Actions
  ) throws(Malformed) {
    let answer = try DNSAnswer(reply, at: context.time)
    let extended = try reply.edns?.extendedCode ?? 0
    guard let forward = forwards[slot] else { return }
    actions.append(.hangUp(forward.id))
    // RFC 2181 §9: what was cut short is not used, and is had whole by TCP.
    if reply.header.isTruncated, !forward.isByStream {
      return ask(slot, forward.server, byStream: true, context, into: &actions)
    }
    // A server that will not or cannot is no answer: another may.
    guard extended == 0, answer.code == 0 || answer.code == 3 else {
      preferred = forward.first + forward.attempts
      return ask(slot, context, into: &actions)
    }
    if answer.wasRebinding { counts.rebindings += 1 }
    conclude(slot, answer, at: context.time, into: &actions)
  }

  /// Asks on where no answer came, and gives up in the end.
  package mutating func timeout(_ context: Context, into actions: inout Actions) {
    while let slot = forwards.popDue(at: context.time) {
      guard let forward = forwards[slot] else { continue }
      actions.append(.hangUp(forward.id))
      preferred = forward.first + forward.attempts
      ask(slot, context, into: &actions)
    }
  }

  private mutating func fail(_ slot: Int, at now: Instant, into actions: inout Actions) {
    guard let forward = forwards[slot] else { return }
    counts.failed += 1
    conclude(slot, DNSAnswer(failureOf: forward.question, at: now), at: now, into: &actions)
  }

  private mutating func conclude(
    _ slot: Int, _ answer: DNSAnswer, at now: Instant, into actions: inout Actions
  ) {
    guard let forward = forwards.remove(slot) else { return }
    cache.keep(answer, to: forward.question, at: now)
    for waiting in forward.waiting {
      deliver(
        answer, waiting.asker, waiting.question.rawSpan, behind: waiting.chain, at: now,
        into: &actions)
    }
  }

  private func deliver(
    _ answer: DNSAnswer, _ asker: DNSAsker, _ question: RawSpan, behind chain: DNSChain?,
    at now: Instant, into actions: inout Actions
  ) {
    let start = actions.writer.count
    if asker.client.isStream { actions.writer.write(UInt16(0)) }
    if let chain {
      answer.encode(
        behind: chain, for: asker, question: question, at: now, into: &actions.writer)
    } else {
      answer.encode(for: asker, question: question, at: now, into: &actions.writer)
    }
    send(start, to: asker.client, into: &actions)
  }
}
