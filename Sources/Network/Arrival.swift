/// Where bytes came from and on which of our interfaces and addresses they came in.
///
/// The reply leaves from that interface and that address.
package struct Arrival: Hashable, Sendable {
  /// Who sent it.
  package var source: Endpoint
  /// What it was sent to: one of our addresses, or a broadcast address.
  package var destination: Endpoint
  /// Our own address on the interface, never a broadcast address.
  package var local: IPv4Address
  /// The kernel's number of the interface.
  package var interface: Int32

  package init(
    source: Endpoint, destination: Endpoint, local: IPv4Address, interface: Int32
  ) {
    self.source = source
    self.destination = destination
    self.local = local
    self.interface = interface
  }
}
