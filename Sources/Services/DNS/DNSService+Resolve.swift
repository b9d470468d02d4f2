import Boot
import Bytes
import Network
import Wire

// Answers from our own zones (RFC 1034 §4.3.2).
extension DNSService {
  /// Most aliases that are followed for one answer.
  private static let mostAliases = 8

  mutating func resolve(
    _ query: borrowing DNSQuery, _ asker: DNSAsker, _ context: Context, into actions: inout Actions
  ) {
    let zones = context.catalog.zones
    let recursion = asker.isLocal && !context.catalog.forwarders.isEmpty
    let start = begin(
      asker, question: query.question, authoritative: true, recursion: recursion, into: &actions)
    var found = write(question.name, .question, context, into: &actions.writer)
    var aliases = 0
    while found == .alias, aliases < Self.mostAliases {
      aliases += 1
      let name = target
      found = write(name, .name(name), context, into: &actions.writer)
    }
    switch found {
    case .answered, .alias: break
    case .noRecord(let zone): writeNegative(zone, zones, into: &actions.writer)
    case .noName(let zone):
      counts.missing += 1
      writer.set(.noSuchName)
      writeNegative(zone, zones, into: &actions.writer)
    case .elsewhere:
      if aliases == 0 { writer.clear(DNSHeader.authoritative) }
      writeReferral(zones, into: &actions.writer)
    case .foreign:
      guard recursion, asker.header.wantsRecursion else {
        // An alias that leads away: who asked goes on by himself.
        if aliases > 0 { break }
        actions.writer.truncate(to: start)
        return conclude(.refused, query, asker, into: &actions)
      }
      let chain = aliases == 0 ? nil : takeChain(start, asker, query, aliases, actions.writer)
      actions.writer.truncate(to: start)
      return forward(query, asker, behind: chain, context, into: &actions)
    }
    if question.type == DNSType.ns, found == .answered {
      writeGlue(question.name, zones, into: &actions.writer)
    }
    finish(start, asker, questionCount: query.question.byteCount, into: &actions)
  }

  /// The aliases that were written since `start`; their end becomes what is asked.
  private mutating func takeChain(
    _ start: Int, _ asker: DNSAsker, _ query: borrowing DNSQuery, _ count: Int,
    _ output: ByteWriter
  ) -> DNSChain {
    let head = (asker.client.isStream ? DNSFrame.prefixCount : 0) + DNSHeader.byteCount
    question.name.replace(with: target.octets[...])
    return DNSChain(
      records: Array(output.bytes[(start + head + query.question.byteCount)...]),
      count: UInt16(truncatingIfNeeded: count))
  }

  /// What became of a name.
  private enum Finding: Equatable {
    case answered
    /// Its CNAME was written; `target` is where it leads.
    case alias
    /// The name exists without such a record, in this zone.
    case noRecord(Int)
    case noName(Int)
    /// Below a cut: `ancestor` has the name servers to ask.
    case elsewhere
    case foreign
  }

  /// Writes what `name` has of the question's type.
  private mutating func write(
    _ name: DomainName, _ owner: DNSWriter.Owner, _ context: Context,
    into output: inout ByteWriter
  ) -> Finding {
    let zones = context.catalog.zones
    if let entry = zones.entry(name) {
      if entry.isCut {
        // What the parent says of a zone's keys is the parent's (RFC 4035 §3.1.4.1): nothing here.
        if question.type == DNSType.ds { return .noRecord(entry.zone) }
        ancestor.replace(with: name.octets[...])
        return .elsewhere
      }
      if let found = writeRecords(of: entry, owner, zones, into: &output) { return found }
      if writeNode(name, owner, context, into: &output) { return .answered }
      if entry.isMachine, writeLease(name, owner, context, into: &output) { return .answered }
      return .noRecord(entry.zone)
    }
    if !names.isEmpty || !nodes.isEmpty,
      let found = writeDynamic(name, owner, context, into: &output)
    {
      return found
    }
    ancestor.replace(with: name.octets[...])
    while !ancestor.isRoot {
      ancestor.dropFirstLabel()
      guard let entry = zones.entry(ancestor) else { continue }
      if entry.isCut { return .elsewhere }
      // Leases come and go below it: who hears that it is missing would look for none (RFC 8020).
      return name.isPartlyReversed ? .noRecord(entry.zone) : .noName(entry.zone)
    }
    return .foreign
  }

  /// nil when there is no such record.
  private mutating func writeRecords(
    of entry: ZoneEntry, _ owner: DNSWriter.Owner, _ zones: Zones, into output: inout ByteWriter
  ) -> Finding? {
    guard let first = zones.first(of: entry) else { return nil }
    // ANY is answered with one type (RFC 8482 §4.1).
    let wanted = question.type == DNSType.any ? first.type.rawValue : question.type
    // A name with a CNAME has nothing else (RFC 1034 §3.6.2).
    let isAlias = first.type == .cname && wanted != DNSType.cname
    var isFound = false
    zones.eachRecord(of: entry) { record, data in
      guard isAlias || record.type.rawValue == wanted else { return }
      isFound = true
      writer.record(
        owner, record.type.rawValue, lifetime: record.lifetime, data: data, .answer, into: &output)
      if isAlias { target.replace(with: data) }
    }
    return isFound ? (isAlias ? .alias : .answered) : nil
  }

  /// The address of a machine by its lease.
  private mutating func writeLease(
    _ name: DomainName, _ owner: DNSWriter.Owner, _ context: Context, into output: inout ByteWriter
  ) -> Bool {
    guard question.type == DNSType.a || question.type == DNSType.any,
      let found = names.address(of: name, context.leases, at: context.time)
    else { return false }
    let (a, b, c, d) = found.address.octets
    writer.record(
      owner, DNSType.a, lifetime: found.lifetime, data: [a, b, c, d], .answer, into: &output)
    return true
  }

  /// Names that only nodes or leases give, and the way back from their addresses. nil when there is
  /// none.
  private mutating func writeDynamic(
    _ name: DomainName, _ owner: DNSWriter.Owner, _ context: Context, into output: inout ByteWriter
  ) -> Finding? {
    let zones = context.catalog.zones
    if writeNode(name, owner, context, into: &output) { return .answered }
    if nodes.has(name) || names.address(of: name, context.leases, at: context.time) != nil {
      if mayLease(name, context), writeLease(name, owner, context, into: &output) {
        return .answered
      }
      return zones.forward.flatMap { zones.entry($0) }.map { .noRecord($0.zone) }
    }
    guard let address = name.reversedAddress, let found = self.name(of: address, context),
      let zone = zones.zone(of: name)
    else { return nil }
    guard question.type == DNSType.ptr || question.type == DNSType.any else {
      return .noRecord(zone)
    }
    writer.record(
      owner, DNSType.ptr, lifetime: found.lifetime, data: found.name.octets[...], .answer,
      into: &output)
    return .answered
  }
}

// What nodes have: addresses and the fingerprints of their keys.
extension DNSService {
  /// Writes what the node of that name has of the question's type; false when it has none.
  private mutating func writeNode(
    _ name: DomainName, _ owner: DNSWriter.Owner, _ context: Context, into output: inout ByteWriter
  ) -> Bool {
    guard let record = nodes.record(name) else { return false }
    let isAny = question.type == DNSType.any
    var isFound = false
    if question.type == DNSType.a || isAny {
      for address in record.addresses {
        guard nodes.leads(name, to: address, context.catalog, context.leases, at: context.time)
        else { continue }
        isFound = true
        let (a, b, c, d) = address.octets
        writer.record(
          owner, DNSType.a, lifetime: Zones.leaseLifetime, data: [a, b, c, d], .answer,
          into: &output)
      }
    }
    // ANY is answered with one type (RFC 8482 §4.1).
    guard question.type == DNSType.sshfp || isAny && !isFound else { return isFound }
    for fingerprint in record.fingerprints {
      isFound = true
      writer.record(
        owner, DNSType.sshfp, lifetime: Zones.lifetime, data: fingerprint.octets[...], .answer,
        into: &output)
    }
    return isFound
  }

  /// Whether the name may lead to who has it by a lease: a node's only to the node itself, for
  /// clients call themselves as they like.
  private func mayLease(_ name: DomainName, _ context: Context) -> Bool {
    guard let record = nodes.record(name) else { return true }
    guard let own = record.macAddress,
      let found = names.address(of: name, context.leases, at: context.time)
    else { return false }
    return context.leases.binding(of: found.address)?.client.macAddress == own
  }

  /// The name that `address` leads back to: a node's, else a lease's.
  private func name(
    of address: IPv4Address, _ context: Context
  ) -> (name: DomainName, lifetime: UInt32)? {
    if let name = nodes.name(of: address, context.catalog, context.leases, at: context.time) {
      return (name, Zones.leaseLifetime)
    }
    return names.name(of: address, context.leases, at: context.time)
  }
}

// What stands beside the answer.
extension DNSService {
  /// The zone's SOA, which says how long the absence is to be remembered (RFC 2308 §3).
  private mutating func writeNegative(_ zone: Int, _ zones: Zones, into output: inout ByteWriter) {
    let apex = zones.apexes[zone]
    guard let entry = zones.entry(apex) else { return }
    zones.eachRecord(of: entry) { record, data in
      guard record.type == .soa else { return }
      writer.record(
        .name(apex), DNSType.soa, lifetime: min(record.lifetime, Zones.negativeLifetime),
        data: data, .authority, into: &output)
    }
  }

  /// Who serves what is below a cut.
  private mutating func writeReferral(_ zones: Zones, into output: inout ByteWriter) {
    guard let entry = zones.entry(ancestor) else { return }
    let owner = DNSWriter.Owner.name(ancestor)
    zones.eachRecord(of: entry) { record, data in
      guard record.type == .ns else { return }
      writer.record(
        owner, DNSType.ns, lifetime: record.lifetime, data: data, .authority, into: &output)
    }
    writeGlue(ancestor, zones, into: &output)
  }

  /// The addresses of the name servers of `name`, as far as they are ours to know.
  private mutating func writeGlue(
    _ name: DomainName, _ zones: Zones, into output: inout ByteWriter
  ) {
    guard let entry = zones.entry(name) else { return }
    zones.eachRecord(of: entry) { record, data in
      guard record.type == .ns else { return }
      target.replace(with: data)
      guard let server = zones.entry(target) else { return }
      let owner = DNSWriter.Owner.name(target)
      zones.eachRecord(of: server) { record, data in
        guard record.type == .a || record.type == .aaaa else { return }
        writer.record(
          owner, record.type.rawValue, lifetime: record.lifetime, data: data, .additional,
          into: &output)
      }
    }
  }
}
