import Boot
import Network
import YAML

extension ConfigurationReader {
  private static let matchKeys = [
    "architecture", "subnet", "vendor", "mac-prefix", "labels", "firmware", "mac", "uuid", "serial",
    "relay-port", "site",
  ]

  func match(_ value: Value) -> Match {
    guard let fields = Fields(value, of: "match", keys: Self.matchKeys) else { return Match() }
    var match = Match()
    match.architectures = all(fields["architecture"], "architectures") { $0.choice("architecture") }
    match.firmware = all(fields["firmware"], "firmware") { $0.choice("firmware") }
    match.vendors = all(fields["vendor"], "vendor classes") { $0.text("a vendor class") }
    match.macPrefixes = all(fields["mac-prefix"], "prefixes", macPrefix)
    match.subnets = all(fields["subnet"], "prefixes", listedSubnet)
    if let labels = fields["labels"] { match.labels = texts(labels, "labels") }
    match.macAddresses = all(fields["mac"], "MAC addresses") { $0.macAddress() }
    match.uuids = all(fields["uuid"], "UUIDs") { $0.uuid() }
    match.serials = all(fields["serial"], "serial numbers") { $0.text("a serial number") }
    match.relayPorts = all(fields["relay-port"], "relay ports") { $0.octets() }
    match.sites = all(fields["site"], "sites") { $0.identifier() }
    return match
  }

  private func all<Item>(
    _ value: Value?, _ noun: String, _ read: (Value) -> Item?
  ) -> [Item] {
    guard let items = value?.oneOrMore(of: noun) else { return [] }
    if items.isEmpty { value?.mistake("an empty list, which nothing matches") }
    return items.compactMap(read)
  }

  private func macPrefix(_ value: Value) -> [UInt8]? {
    guard let bytes = OptionRow.Kind.hexadecimal(value) else { return nil }
    guard (1...6).contains(bytes.count) else {
      value.mistake("\(bytes.count) octets, expected 1 to 6 as 52:54:00")
      return nil
    }
    return bytes
  }

  private func listedSubnet(_ value: Value) -> IPv4Prefix? {
    guard let prefix = value.read("a prefix as 10.77.0.0/16", { IPv4Prefix($0) }) else {
      return nil
    }
    guard subnets.contains(where: { $0.subnet.network == prefix }) else {
      value.mistake("\(prefix) is not listed under subnets")
      return nil
    }
    return prefix
  }

  /// Two profiles that match one machine equally: nobody but the operator can say which it boots.
  func checkTies() {
    var groups: [Int: ProfileTies] = [:]
    for draft in profiles {
      guard let profile = draft.profile, profile.match.specificity > 0 else { continue }
      var match = profile.match
      // Only machines of that site get it.
      if let site = profile.site, match.sites.isEmpty { match.sites = [site] }
      let level = profile.match.specificity
      guard let other = groups[level, default: ProfileTies()].add(draft, match) else { continue }
      findings.mistake(
        "profiles \(other.draft.name) and \(draft.name) match the same machines equally:"
          + " \(other.draft.name) is in \(other.draft.file):\(other.draft.position.line); add"
          + " \(Self.criteria(besides: [match, other.match])) to the match of one of them",
        at: draft.position, in: draft.file)
    }
  }

  /// `"site" or "labels"`: what would tell two matches apart that have neither.
  static func criteria(besides matches: [Match]) -> String {
    let given: [(name: String, isGiven: Bool)] = [
      ("architecture", matches.contains { !$0.architectures.isEmpty }),
      ("subnet", matches.contains { !$0.subnets.isEmpty }),
      ("site", matches.contains { !$0.sites.isEmpty }),
      ("labels", matches.contains { !$0.labels.isEmpty }),
      ("mac", matches.contains { !$0.macAddresses.isEmpty }),
    ]
    let free = given.filter { !$0.isGiven }.prefix(2).map { "\"\($0.name)\"" }
    return free.isEmpty ? "a criterion" : free.joined(separator: " or ")
  }
}

/// The profiles of one specificity. Those for single hardware addresses are told apart by these, so
/// that a profile for each of ten thousand machines is no work of their number squared.
private struct ProfileTies {
  typealias Entry = (draft: ProfileDraft, match: Match)

  private var entries: [Entry] = []
  private var byAddress: [MACAddress: [Int]] = [:]
  private var withoutAddress: [Int] = []

  /// Adds a profile; the first that matches the same machines, if any.
  mutating func add(_ draft: ProfileDraft, _ match: Match) -> Entry? {
    let index = entries.count
    defer { entries.append((draft, match)) }
    guard !match.macAddresses.isEmpty else {
      withoutAddress.append(index)
      return entries.first { $0.match.overlaps(match) }
    }
    let near = match.macAddresses.flatMap { byAddress[$0] ?? [] } + withoutAddress
    for address in match.macAddresses { byAddress[address, default: []].append(index) }
    for index in near.sorted() where entries[index].match.overlaps(match) { return entries[index] }
    return nil
  }
}
