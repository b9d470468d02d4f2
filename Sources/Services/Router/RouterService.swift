import Boot
import Bytes
import Network
import Wire

/// Answers router solicitations with "no router here", so that iPXE need not wait for one.
///
/// iPXE looks for an IPv6 router beside DHCP and waits up to 13 s for it; an advertisement with
/// lifetime 0 ends the wait, and makes nobody a router. Where a real router advertises itself, we
/// are silent.
package struct RouterService: Sendable {
  /// By the kernel's number of the interface: until when a real router is taken to be there.
  private var routers: [Int32: Instant] = [:]

  /// A router that advertises at the longest interval (RFC 4861 §6.2.1) is heard again by then.
  package static let memory = Duration.seconds(1800)

  package init() {}

  /// Takes a frame that came in on `interface`.
  ///
  /// - Parameter own: The interface's hardware address.
  package mutating func receive(
    _ frame: RawSpan, on interface: Int32, own: MACAddress, at now: Instant,
    into actions: inout Actions
  ) {
    // What is malformed here is nobody's boot; the host's own IPv6 counts it.
    guard let message = try? RouterMessage(checking: frame) else { return }
    switch message {
    case .advertisement(let hardware, let lifetime):
      guard hardware != own, lifetime > 0 else { return }
      if routers[interface] ?? .start <= now {
        actions.record(Event(.routerSeen, macAddress: hardware))
      }
      routers[interface] = now + Self.memory
    case .solicitation(let address, let hardware):
      guard hardware != own, hardware.isUnicast, address == .unspecified || address.isLinkLocal,
        routers[interface] ?? .start <= now
      else { return }
      let start = actions.writer.count
      RouterMessage.encodeAdvertisement(
        to: hardware, address, from: own, into: &actions.writer)
      actions.append(.sendFrame(actions.written(since: start), interface: interface))
    }
  }
}
