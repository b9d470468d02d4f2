import Network

/// All names that we are the authority for, made ready when the configuration is loaded: finding
/// one is a single look-up, and its records lie there as they are sent.
package struct Zones: Sendable {
  /// Where each zone begins; the reverse zones after the forward one.
  package let apexes: [DomainName]
  /// Where the operator's names are; nil when there is no such zone, only reverse ones.
  package let forward: DomainName?
  /// Our own name there.
  package let server: DomainName?
  private let entries: [DomainName: ZoneEntry]
  private let records: [ZoneRecord]
  /// The data of all records, in wire form, names within in whole and in lower case.
  private let bytes: [UInt8]

  /// No zones: everything is somebody else's.
  package init() {
    self.init(apexes: [], forward: nil, server: nil, entries: [:], records: [], bytes: [])
  }

  init(
    apexes: [DomainName], forward: DomainName?, server: DomainName?,
    entries: [DomainName: ZoneEntry], records: [ZoneRecord], bytes: [UInt8]
  ) {
    self.apexes = apexes
    self.forward = forward
    self.server = server
    self.entries = entries
    self.records = records
    self.bytes = bytes
  }

  package var isEmpty: Bool { apexes.isEmpty }
  package var nameCount: Int { entries.count }

  package func entry(_ name: DomainName) -> ZoneEntry? { entries[name] }

  /// The zone that holds `name`.
  package func zone(of name: DomainName) -> Int? {
    apexes.firstIndex { name.isWithin($0) }
  }

  /// Calls `body` with each record of `entry`, in the order of the configuration.
  package func eachRecord(
    of entry: ZoneEntry, _ body: (ZoneRecord, ArraySlice<UInt8>) -> Void
  ) {
    for index in entry.first..<entry.first + entry.count {
      let record = records[index]
      body(record, bytes[record.start..<record.start + record.count])
    }
  }

  /// The first record of `entry`.
  package func first(of entry: ZoneEntry) -> ZoneRecord? {
    entry.hasRecords ? records[entry.first] : nil
  }

  /// How long a missing name is remembered, in seconds: the SOA's last field (RFC 2308 §5).
  package static let negativeLifetime: UInt32 = 60
  /// How long what the operator wrote is remembered: a reload should soon be seen.
  package static let lifetime: UInt32 = 300
  /// How long an address is remembered that depends on a lease.
  package static let leaseLifetime: UInt32 = 60
}

extension Zones {
  /// The name of a machine or host below the forward zone: `text` whole when it lies there
  /// already. Nil when it is no name or there is no such zone.
  package func name(_ text: String) -> DomainName? {
    forward.flatMap { Self.name(text, in: $0) }
  }

  package static func name(_ text: String, in zone: DomainName) -> DomainName? {
    guard var name = DomainName(text) else { return nil }
    if name.isWithin(zone) { return name }
    guard !text.hasSuffix("."), name.append(zone) else { return nil }
    return name
  }
}
