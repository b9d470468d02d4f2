import Boot
import Bytes
import Network
import Wire

/// Answers DNS queries: with authority for the configured zone and the subnets' reverse zones, and
/// by asking others for clients on our subnets, where that is configured.
///
/// A value: the same messages at the same instants with the same dice give the same actions.
package struct DNSService: Sendable {
  package internal(set) var counts = DNSCounts()
  /// The names that leases give; the driver tells it of every lease.
  package var names = LeaseNames()
  /// The names that nodes have; the driver tells it of every node.
  package var nodes = NodeNames()

  var question = DNSQuestion()
  /// Names on the way: the target of an alias, an ancestor of the question.
  var target = DomainName()
  var ancestor = DomainName()
  var writer = DNSWriter()
  var limit = DNSRateLimit()
  var cache = DNSCache()
  var forwards = DNSForwards()
  /// Which server is asked first: the next one after each that gave no answer.
  var preferred = 0
  private var lastComplaint = Instant(nanoseconds: .min)

  package init() {}

  /// What a query is answered from, beside the service itself.
  package struct Context {
    package let catalog: Catalog
    package let leases: LeaseTable
    package let time: Instant
    /// Numbers that nobody can guess; asked for only when a question goes to another server.
    package let dice: () -> UInt64

    package init(
      catalog: Catalog, leases: LeaseTable, time: Instant, dice: @escaping () -> UInt64
    ) {
      self.catalog = catalog
      self.leases = leases
      self.time = time
      self.dice = dice
    }
  }

  /// Answers one query; it allocates nothing unless it asks another server.
  package mutating func receive(
    _ payload: RawSpan, from client: DNSClient, _ context: Context, into actions: inout Actions
  ) {
    counts.queries += 1
    let header: DNSHeader
    do throws(Malformed) { header = try DNSHeader(decoding: payload) } catch {
      return complain(error, client, at: context.time, into: &actions)
    }
    // Answering an answer could go on for ever.
    guard !header.isResponse, client.address.isUnicast else {
      counts.strays += 1
      return
    }
    let isLocal = context.catalog.subnet(holding: client.address) != nil
    var asker = DNSAsker(
      client: client, header: header, isLocal: isLocal, queryCount: payload.byteCount)
    if !isLocal, !client.isStream {
      switch limit.admit(client.address, at: context.time) {
      case .pass: break
      case .slip:
        counts.limited += 1
        return slip(payload, asker, into: &actions)
      case .drop:
        counts.limited += 1
        return
      }
    }
    guard header.opcode == DNSOpcode.query else {
      let isKnown = header.opcode == DNSOpcode.notify || header.opcode == DNSOpcode.update
      return refuse(isKnown ? .refused : .notImplemented, asker, into: &actions)
    }
    do throws(Malformed) {
      let query = try DNSQuery(header, checking: payload)
      asker.edns = query.edns
      try query.readName(into: &question.name)
      question.type = query.type
      question.wantsSecurity = query.edns?.wantsSecurity ?? false
      question.isCheckingDisabled = header.flags & DNSHeader.checkingDisabled != 0
      answer(query, asker, context, into: &actions)
    } catch {
      complain(error, client, at: context.time, into: &actions)
      refuse(.formatError, asker, into: &actions)
    }
  }

  /// When ``timeout(_:into:)`` is due.
  package var nextDeadline: Instant? { forwards.nextDeadline }

  /// Zones and forwarders may be others now; the names of leases and nodes are to be told again.
  package mutating func catalogChanged() {
    cache = DNSCache()
    names = LeaseNames()
    nodes = NodeNames()
  }

  /// A malformed message is counted, and told at most once a minute: whoever floods us must not
  /// flood the log.
  private mutating func complain(
    _ error: Malformed, _ client: DNSClient, at now: Instant, into actions: inout Actions
  ) {
    counts.malformed += 1
    guard now >= lastComplaint + .seconds(60) else { return }
    lastComplaint = now
    actions.record(
      Event(.packetMalformed(.dns, reason: error.description), address: client.address))
  }
}

// What is answered without a look at the zones.
extension DNSService {
  private mutating func answer(
    _ query: borrowing DNSQuery, _ asker: DNSAsker, _ context: Context, into actions: inout Actions
  ) {
    if let edns = query.edns, edns.version != 0 {
      return conclude(.badVersion, query, asker, into: &actions)
    }
    // CHAOS too, so that nobody learns our version; and nothing is asked for in class ANY.
    guard query.recordClass == DNSClass.internet else {
      return conclude(.refused, query, asker, into: &actions)
    }
    switch query.type {
    case DNSType.axfr, DNSType.ixfr: conclude(.refused, query, asker, into: &actions)
    case DNSType.opt, DNSType.tsig, 0: conclude(.formatError, query, asker, into: &actions)
    case DNSType.tkey, DNSType.maila, DNSType.mailb:
      conclude(.notImplemented, query, asker, into: &actions)
    default: resolve(query, asker, context, into: &actions)
    }
  }

  /// An answer of a code and the question.
  mutating func conclude(
    _ code: DNSResponseCode, _ query: borrowing DNSQuery, _ asker: DNSAsker,
    into actions: inout Actions
  ) {
    if code == .refused { counts.refused += 1 }
    let start = begin(asker, question: query.question, into: &actions)
    writer.set(code)
    finish(
      start, asker, questionCount: query.question.byteCount,
      extended: UInt8(truncatingIfNeeded: code.rawValue >> 4), into: &actions)
  }

  /// An answer of a code alone, to what has no question that could be repeated.
  private mutating func refuse(
    _ code: DNSResponseCode, _ asker: DNSAsker, into actions: inout Actions
  ) {
    if code == .refused { counts.refused += 1 }
    let start = begin(asker, question: RawSpan(), into: &actions)
    writer.set(code)
    finish(start, asker, questionCount: 0, into: &actions)
  }

  /// Says only that there is more by TCP.
  private mutating func slip(
    _ payload: RawSpan, _ asker: DNSAsker, into actions: inout Actions
  ) {
    do throws(Malformed) {
      let query = try DNSQuery(asker.header, checking: payload)
      let start = begin(asker, question: query.question, into: &actions)
      writer.truncate(questionCount: query.question.byteCount, into: &actions.writer)
      finish(start, asker, questionCount: query.question.byteCount, into: &actions)
    } catch { counts.malformed += 1 }
  }
}
