import Network

/// A DHCP server that is not ours, by what was heard of it.
package struct ForeignServer: Hashable, Sendable {
  /// As it names itself (option 54).
  package var address: IPv4Address
  /// nil: a client named it, and none of its own messages came by.
  package var hardwareAddress: MACAddress?
  /// Ours, by name; empty when it is not known.
  package var interface = ""
  package var offered: IPv4Address?
  package var router: IPv4Address?
  /// `siaddr`.
  package var nextServer: IPv4Address?
  /// As it was sent: raw bytes of a stranger.
  package var bootFile: [UInt8] = []
  /// The codes of what it says, in its order.
  package var options: [UInt8] = []

  package init(address: IPv4Address) { self.address = address }

  /// What there is to say of it.
  var fields: [Field] {
    var fields = [Field("server", "\(address)")]
    if let hardwareAddress { fields.append(Field("hardware", "\(hardwareAddress)")) }
    if !interface.isEmpty { fields.append(Field("interface", interface)) }
    if let offered { fields.append(Field("offer", "\(offered)")) }
    if let router { fields.append(Field("router", "\(router)")) }
    if let nextServer { fields.append(Field("next-server", "\(nextServer)")) }
    if !bootFile.isEmpty {
      fields.append(Field("file", String(decoding: bootFile, as: UTF8.self)))
    }
    if !options.isEmpty {
      fields.append(Field("options", options.map { "\($0)" }.joined(separator: ",")))
    }
    return fields
  }
}
