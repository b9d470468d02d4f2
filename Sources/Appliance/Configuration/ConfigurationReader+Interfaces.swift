import Boot
import Network
import YAML

/// An interface as it was read, with its place.
struct InterfaceDraft {
  var interface: Interface
  var addresses: [IPv4Address]
  /// Where its name stands.
  var place: Value
  /// Where its HTTPS port stands, when it has one.
  var https: Value?
}

extension ConfigurationReader {
  mutating func readInterfaces(_ value: Value) {
    let items = value.list(of: "interfaces") ?? []
    if items.isEmpty, case .sequence = value.node.content {
      value.mistake("no interface: there is nothing to answer on")
    }
    for item in items {
      if let draft = interface(item) { interfaces.append(draft) }
    }
  }

  private func interface(_ item: Value) -> InterfaceDraft? {
    let keys = ["name", "dhcp", "tftp", "dns", "http", "https", "router-advertisement"]
    guard let fields = Fields(item, of: "an interface", keys: keys) else { return nil }
    var interface = Interface(name: "")
    interface.dhcp = fields["dhcp"]?.choice("mode") ?? (fields["dhcp"] == nil ? .proxy : .off)
    interface.tftp = fields["tftp"]?.bool() ?? true
    interface.dns = fields["dns"]?.bool() ?? true
    interface.dnsIsByDefault = fields["dns"] == nil
    interface.advertisesNoRouter = fields["router-advertisement"]?.bool() ?? false
    if let port = fields["http"]?.port() { interface.http = port }
    if let port = fields["https"]?.port() { interface.https = port }
    if let http = interface.http, http == interface.https {
      fields.mistake("http and https cannot share port \(http)", at: "https")
    }
    guard let name = fields.required("name", of: "an interface") else { return nil }
    guard let text = name.read("an interface name of at most 15 characters", Self.interfaceName)
    else { return nil }
    interface.name = text
    guard !interfaces.contains(where: { $0.interface.name == text }) else {
      name.mistake("interface \(text) is listed twice")
      return nil
    }
    let local = surroundings.interfaces.first { $0.name == text }
    if let local {
      interface.number = local.number
    } else {
      let names = surroundings.interfaces.map(\.name)
      name.warning(
        "this machine has no interface \(text)" + NearestName.question(text, among: names))
    }
    return InterfaceDraft(
      interface: interface, addresses: local?.addresses ?? [], place: name,
      https: interface.https == nil ? nil : fields["https"])
  }

  /// What can be said of an interface only when the whole configuration is known.
  func checkInterfaces() {
    for draft in interfaces {
      if let https = draft.https, !hasTLS { https.mistake("https needs \"tls\", which is not set") }
      let name = draft.interface.name
      if draft.interface.dhcp == .authoritative,
        !subnets.contains(where: { $0.subnet.interface == name })
      {
        draft.place.warning("no subnet names interface \(name): it gives no addresses there")
      }
    }
  }

  /// IFNAMSIZ is 16 with its NUL; the kernel refuses blanks and slashes.
  private static func interfaceName(_ text: String) -> String? {
    guard (1...15).contains(text.utf8.count), text != ".", text != ".." else { return nil }
    return text.utf8.contains { $0 <= 0x20 || $0 == 0x2f || $0 == 0x3a || $0 > 0x7e } ? nil : text
  }
}
