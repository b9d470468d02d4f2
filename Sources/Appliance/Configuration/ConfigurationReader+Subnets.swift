import Boot
import Network
import YAML

/// A subnet as it was read, with its place.
struct SubnetDraft {
  var subnet: Subnet
  /// Where its prefix stands.
  var place: Value
}

extension ConfigurationReader {
  private static let subnetKeys = [
    "network", "interface", "relays", "pools", "router", "dns", "domain", "lease", "probe",
    "options", "site",
  ]

  mutating func readSubnets(_ value: Value) {
    for item in value.list(of: "subnets") ?? [] {
      if let draft = subnet(item) { subnets.append(draft) }
    }
  }

  private func subnet(_ item: Value) -> SubnetDraft? {
    guard let fields = Fields(item, of: "a subnet", keys: Self.subnetKeys) else { return nil }
    let place = fields.required("network", of: "a subnet")
    let network = place.flatMap(network)
    // Without a prefix everything else is still read, against a prefix that holds all.
    var subnet = Subnet(network: network ?? IPv4Prefix(.unspecified, length: 0))
    readLinks(of: &subnet, fields)
    subnet.router = fields["router"]?.unicastAddress()
    if let router = subnet.router, network?.canHost(router) == false {
      fields["router"]?.mistake("\(router) is no address of \(subnet.network)")
      subnet.router = nil
    }
    subnet.dns = fields["dns"]?.addresses() ?? defaultServers(of: subnet)
    subnet.domain = fields["domain"]?.domain()
    subnet.site = fields["site"]?.identifier()
    if let lease = fields["lease"]?.read(Self.leaseForm, Self.lease) { subnet.lease = lease }
    subnet.probe = fields["probe"]?.choice("probe") ?? .ahead
    if let options = fields["options"] { subnet.options = OptionSetting.all(of: options) }
    for item in fields["pools"]?.list(of: "pools") ?? [] {
      if let pool = pool(item, in: network) { add(pool, item, to: &subnet) }
    }
    guard network != nil, let place else { return nil }
    return SubnetDraft(subnet: subnet, place: place)
  }

  private func network(_ value: Value) -> IPv4Prefix? {
    guard let text = value.text("a prefix as 10.77.0.0/16") else { return nil }
    guard let prefix = IPv4Prefix(text) else {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      if parts.count == 2, let address = IPv4Address(parts[0]), let length = Int(parts[1]),
        (0...32).contains(length)
      {
        let meant = IPv4Prefix(address, length: length)
        value.mistake("\(text) has bits set after its prefix; did you mean \"\(meant)\"?")
      } else {
        value.mistake("\"\(Value.shown(text))\" is not a prefix as 10.77.0.0/16")
      }
      return nil
    }
    if let other = subnets.first(where: {
      $0.subnet.network.contains(prefix.network) || prefix.contains($0.subnet.network.network)
    }) {
      value.mistake(
        "\(prefix) overlaps \(other.subnet.network) in line \(other.place.node.position.line)")
    }
    return prefix
  }

  /// What the subnet hangs on: an interface of ours, relays, or both.
  private func readLinks(of subnet: inout Subnet, _ fields: Fields) {
    if let value = fields["interface"], let name = value.text("the name of an interface") {
      let names = interfaces.map(\.interface.name)
      if let draft = interfaces.first(where: { $0.interface.name == name }) {
        subnet.interface = name
        subnet.ownAddress = draft.addresses.first { subnet.network.canHost($0) }
        if subnet.ownAddress == nil, !draft.addresses.isEmpty, subnet.network.length > 0 {
          value.warning("interface \(name) has no address of \(subnet.network) now")
        }
      } else {
        value.mistake(
          "interface \"\(Value.shown(name))\" is not listed under interfaces"
            + NearestName.question(name, among: names))
      }
    }
    subnet.relays =
      fields["relays"]?.list(of: "addresses")?.compactMap { $0.unicastAddress() } ?? []
    if fields["interface"] == nil, fields["relays"] == nil {
      fields.value.mistake("a subnet has neither \"interface\" nor \"relays\"")
    }
  }

  /// This appliance (nil), where it answers DNS; else nobody, and the option is left out.
  private func defaultServers(of subnet: Subnet) -> [IPv4Address]? {
    let serving = interfaces.filter(\.interface.dns).map(\.interface.name)
    if let name = subnet.interface { return serving.contains(name) ? nil : [] }
    return serving.isEmpty ? [] : nil
  }

  private func pool(_ item: Value, in network: IPv4Prefix?) -> Pool? {
    let form = "a pool as 10.77.1.0-10.77.9.255"
    guard let text = item.text(form) else { return nil }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { end in
      IPv4Address(String(end.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
    }
    guard ends.count == 2, let first = ends[0], let last = ends[1] else {
      item.mistake("\"\(Value.shown(text))\" is not \(form)")
      return nil
    }
    guard first <= last else {
      item.mistake("the pool runs backwards; did you mean \"\(last)-\(first)\"?")
      return nil
    }
    for end in [first, last] {
      guard let network, !network.canHost(end) else { continue }
      let reason =
        end == network.network
        ? "is the network's own address"
        : end == network.broadcast ? "is the broadcast address" : "lies outside"
      item.mistake("\(end) \(reason) of \(network)")
      return nil
    }
    return Pool(first, last)
  }

  /// Leaves the router's and our own address out of the pool, as dnsmasq does, and says so.
  private func add(_ pool: Pool, _ item: Value, to subnet: inout Subnet) {
    if let other = subnet.pools.first(where: { $0.first <= pool.last && pool.first <= $0.last }) {
      item.mistake("the pool overlaps \(other.first)-\(other.last)")
      return
    }
    var rest = [pool]
    let taken = [(subnet.router, "the router's"), (subnet.ownAddress, "our own")]
    for case (let address?, let owner) in taken where rest.contains(where: { $0.contains(address) })
    {
      item.warning("\(address) is \(owner) address and is left out of the pool")
      rest = rest.flatMap { Self.split($0, around: address) }
    }
    subnet.pools += rest
  }

  private static func split(_ pool: Pool, around address: IPv4Address) -> [Pool] {
    guard pool.contains(address) else { return [pool] }
    var parts: [Pool] = []
    if pool.first < address { parts.append(Pool(pool.first, IPv4Address(address.number - 1))) }
    if address < pool.last { parts.append(Pool(IPv4Address(address.number + 1), pool.last)) }
    return parts
  }

  private static let leaseForm = "a lease time as 12h, from 30s to 30d, with s, m, h or d"

  private static func lease(_ text: String) -> Duration? {
    guard let seconds = Value.seconds(text), (30...30 * 86_400).contains(seconds) else {
      return nil
    }
    return .seconds(seconds)
  }
}
