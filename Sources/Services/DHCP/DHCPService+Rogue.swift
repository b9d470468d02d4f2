import Boot
import Bytes
import Network
import Wire

// Servers on our wires that are not ours (hardening case 20).
extension DHCPService {
  /// Takes a frame to port 68 that came in on `interface`: another server's reply, told once an hour
  /// where we give the addresses.
  package mutating func overhear(
    _ frame: RawSpan, on interface: Int32, _ catalog: Catalog, at now: Instant,
    into actions: inout Actions
  ) {
    guard let settings = catalog.interface(interface), settings.dhcp == .authoritative,
      var server = Self.server(in: frame),
      !catalog.subnets.contains(where: { $0.ownAddress == server.address }),
      otherServers.hear(of: server.address, isItself: true, at: now)
    else { return }
    server.interface = settings.name
    actions.record(Event(.foreignServerSeen(server)))
  }

  /// nil for what is no server's reply, and for what a relay hands on, which may be our own. What is
  /// malformed there is nobody's boot.
  private static func server(in frame: RawSpan) -> ForeignServer? {
    do throws(Malformed) {
      let overheard = try OverheardFrame(checking: frame)
      let message = overheard.message
      guard !message.isRequest, message.relayAddress == .unspecified else { return nil }
      var server = ForeignServer(address: try message.serverIdentifier ?? overheard.sender)
      guard server.address.isUnicast else { return nil }
      server.hardwareAddress = overheard.source
      server.offered = message.yourAddress == .unspecified ? nil : message.yourAddress
      server.nextServer = message.serverAddress == .unspecified ? nil : message.serverAddress
      server.router = try message.withValue(of: DHCPOption.router) {
        value throws(Malformed) -> IPv4Address? in
        var reader = ByteReader(value)
        return IPv4Address(try reader.read(UInt32.self))
      }
      let file = try message.withValue(of: DHCPOption.bootFileName) {
        value throws(Malformed) -> [UInt8]? in value.octets()
      }
      server.bootFile = Array((file ?? message.file.octets()).prefix(128))
      var walk = message.options
      while let option = try walk.next() {
        if !server.options.contains(option.code) { server.options.append(option.code) }
      }
      return server
    } catch { return nil }
  }
}
