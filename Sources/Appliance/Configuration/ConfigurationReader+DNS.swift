import Boot
import EventLoop
import Network
import YAML

extension ConfigurationReader {
  /// Reads the name service's settings; interfaces and subnets are known by now.
  mutating func readDNS(_ value: Value) {
    let keys = ["zone", "records", "hosts", "forward"]
    guard let fields = Fields(value, of: "dns", keys: keys) else { return }
    names.zone = fields["zone"]?.domain().flatMap { DomainName($0) }
    for item in fields["forward"]?.list(of: "addresses") ?? [] {
      if let address = forwarder(item) { names.forwarders.append(address) }
    }
    if let hosts = fields["hosts"] { readHosts(hosts) }
    guard let records = fields["records"] else { return }
    for entry in Fields.entries(of: records, "records") ?? [] {
      let item = Value(node: entry.value, file: value.file, findings: findings)
      do throws(RecordMistake) {
        readRecords(try recordName(entry.key), item)
      } catch {
        findings.mistake(error.text, at: entry.position, in: value.file.name)
      }
    }
  }

  /// Anybody but ourselves: we would ask in a circle. Another server of this box is anybody.
  private func forwarder(_ item: Value) -> IPv4Address? {
    guard let address = item.address() else { return nil }
    guard address.isUnicast || address.number >> 24 == 127 else {
      item.mistake("\(address) is no address that a name server can have")
      return nil
    }
    if let own = interfaces.first(where: { $0.interface.dns && $0.addresses.contains(address) }) {
      item.mistake("\(address) is our own address on \(own.interface.name)")
      return nil
    }
    return address
  }

  /// Below the zone unless it ends in it or in a reverse zone already; `@` is the zone itself.
  private func recordName(_ text: String) throws(RecordMistake) -> DomainName {
    let shown = Value.shown(text)
    if let name = DomainName(text), reverseZones.contains(where: { name.isWithin($0) }) {
      return name
    }
    guard let zone = names.zone else {
      throw RecordMistake("\"\(shown)\" needs \"zone\", which is not set: no zone has that name")
    }
    if text == "@" { return zone }
    guard DomainName(text) != nil else {
      throw RecordMistake("\"\(shown)\" is not a domain name as www, or @ for the zone itself")
    }
    guard let name = Zones.name(text, in: zone) else {
      throw RecordMistake("\"\(shown)\" is not a name in \(zone) or a subnet's reverse zone")
    }
    return name
  }

  var reverseZones: [DomainName] {
    subnets.flatMap { ZoneDraft.reverseZones(of: $0.subnet.network) }
  }

  /// The records of one name, by their types.
  private mutating func readRecords(_ name: DomainName, _ value: Value) {
    let types = ["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"]
    guard let fields = Fields(value, of: "a record", keys: types) else { return }
    if let alias = fields["CNAME"] {
      // RFC 1034 §3.6.2: an alias has no records of its own; a zone has two at least.
      if types.contains(where: { $0 != "CNAME" && fields[$0] != nil }) {
        alias.mistake("a name with CNAME has no other records")
      } else if name == names.zone {
        alias.mistake("a zone's own name cannot be an alias")
      } else if (alias.oneOrMore(of: "names") ?? []).count > 1 {
        alias.mistake("a name is the alias of one other")
      }
    }
    for type in types {
      for item in fields[type]?.oneOrMore(of: "records") ?? [] {
        guard let record = RecordText(type, zone: names.zone).read(item) else { continue }
        names.records.append(
          NameSettings.Record(name: name, type: record.type, data: record.data))
      }
    }
  }

  /// What can be said of names only when the machines are known.
  func checkNames() {
    guard let zone = names.zone else { return }
    let aliases = Set(names.records.lazy.filter { $0.type == .cname }.map(\.name))
    for draft in machines {
      guard let name = Zones.name(draft.machine.name, in: zone) else {
        draft.place.warning("\(draft.machine.name) is no name in \(zone): it is not served by DNS")
        continue
      }
      if aliases.contains(name) {
        draft.place.mistake("\(name) is an alias in the records of dns already")
      }
    }
  }
}

/// Why the name of a record is none, in one sentence.
private struct RecordMistake: Error {
  let text: String

  init(_ text: String) { self.text = text }
}
