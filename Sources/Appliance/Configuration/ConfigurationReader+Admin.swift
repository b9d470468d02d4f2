import Boot
import Network

extension ConfigurationReader {
  /// Reads the admin listener; the certificates of `tls` are known by now.
  mutating func readAdmin(_ value: Value) {
    let keys = ["listen", "port", "certificate", "key"]
    guard let fields = Fields(value, of: "admin", keys: keys) else { return }
    var port: UInt16?
    if let place = fields["port"] {
      port = place.read("a port, 1 to 65535") {
        guard let port: UInt16 = Value.integer($0), port > 0 else { return nil }
        return port
      }
    }
    let place = fields.required("listen", of: "admin")
    let own = ["certificate", "key"].contains { fields[$0] != nil }
    let identities = own ? serverCertificates(fields, of: "admin") : []
    if !own, !hasTLS {
      value.mistake(
        "admin has no \"certificate\" and \"key\", and there is no \"tls\" to take them of")
    }
    guard let place, let address = place.address() else { return }
    guard address.isUnicast || address.number >> 24 == 127 else {
      return place.mistake(
        "\(address) is no address of this box; name the one that operators reach")
    }
    settings.admin = AdminSettings(
      place: Endpoint(address, port ?? 8443), identities: identities.map(\.identity))
  }
}
