import Boot
import EventLoop
import Network

/// What of the box a configuration is read against. Another machine than the appliance itself has
/// other interfaces; so they are given, never looked up.
package struct Surroundings: Sendable {
  package struct LocalInterface: Sendable {
    package var name: String
    package var number: Int32
    package var addresses: [IPv4Address]

    package init(name: String, number: Int32, addresses: [IPv4Address]) {
      self.name = name
      self.number = number
      self.addresses = addresses
    }
  }

  package var interfaces: [LocalInterface]
  /// The site's name unless the configuration has one.
  package var hostName: String
  /// For whether certificates hold; nil: nobody knows.
  package var time: UnixTime?

  package init(interfaces: [LocalInterface], hostName: String, time: UnixTime? = nil) {
    self.interfaces = interfaces
    self.hostName = hostName
    self.time = time
  }

  package init(_ table: InterfaceTable, hostName: String) {
    self.hostName = hostName
    time = WallClock.read()
    interfaces = table.interfaces.map {
      LocalInterface(name: $0.name, number: $0.index, addresses: $0.addresses.map(\.address))
    }
  }
}
