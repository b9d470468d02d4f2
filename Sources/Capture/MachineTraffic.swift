import Bytes
import Network
import Wire

/// Tells whose boot a frame belongs to: by the hardware address in a DHCP message, by the address
/// that DHCP gave that machine (so it works behind a relay, where frames come from the router), or by
/// the frame's own hardware address.
///
/// A machine begins to be one with its first DHCP message, or with a TFTP request of an address that
/// is nobody's. HTTP and names make no machine: everything on a network asks for those.
package struct MachineTraffic: Sendable {
  /// In the order in which they were first seen.
  package private(set) var machines: [MACAddress] = []
  /// Frames of machines that there was no room for.
  package private(set) var turnedAway = 0
  private let wanted: Set<MACAddress>
  private let limit: Int
  private let httpPorts: Set<UInt16>
  private var known: Set<MACAddress> = []
  private var owners: Remembered<IPv4Address, MACAddress>
  /// Who asked for a TFTP transfer, from which port.
  private var askers = Remembered<Endpoint, MACAddress>(capacity: 4096)
  /// Whose the datagrams are that come in fragments.
  private var fragments = Remembered<FragmentKey, MACAddress>(capacity: 256)

  private struct FragmentKey: Hashable, Sendable {
    let source: IPv4Address
    let destination: IPv4Address
    let identification: UInt16
  }

  /// - Parameters:
  ///   - wanted: The machines that are recorded; empty for any.
  ///   - limit: How many machines there may be at most.
  package init(wanted: Set<MACAddress> = [], limit: Int, httpPorts: [UInt16] = [80]) {
    precondition(limit > 0, "at least one machine is recorded")
    self.wanted = wanted
    self.limit = limit
    self.httpPorts = Set(httpPorts)
    owners = Remembered(capacity: 4 * limit)
  }

  /// The machine whose frame it is; nil for one that is not recorded.
  package mutating func machine(of frame: Frame) -> MACAddress? {
    let octets = frame.octets
    let bytes = octets.rawSpan
    guard let head = try? LinkHead(checking: bytes, frame.link), head.type == EtherType.ipv4
    else { return nil }
    do throws(Malformed) {
      let packet = try IPv4Packet(checking: bytes.extracting(head.length..<bytes.byteCount))
      return try machine(of: packet, head)
    } catch {
      return nil
    }
  }

  private mutating func machine(
    of packet: borrowing IPv4Packet, _ head: LinkHead
  ) throws(Malformed) -> MACAddress? {
    let key = FragmentKey(
      source: packet.source, destination: packet.destination,
      identification: packet.identification)
    guard packet.fragmentOffset == 0 else { return fragments[key] }
    var reader = ByteReader(packet.payload)
    let source = Party(
      endpoint: Endpoint(packet.source, try reader.read()), hardware: head.source)
    let destination = Party(
      endpoint: Endpoint(packet.destination, try reader.read()), hardware: head.destination)
    let machine: MACAddress?
    switch packet.protocolNumber {
    case 6: machine = ofStream(source, destination)
    case UDPDatagram.protocolNumber:
      try reader.skip(4)
      machine = try ofDatagram(source, destination, &reader)
    default: machine = nil
    }
    if let machine, packet.hasMoreFragments { fragments.remember(machine, for: key) }
    return machine
  }

  /// One end of a packet, and the hardware address that its link names for it.
  private struct Party {
    let endpoint: Endpoint
    let hardware: MACAddress?

    var port: UInt16 { endpoint.port }
  }

  private mutating func ofDatagram(
    _ source: Party, _ destination: Party, _ payload: inout ByteReader
  ) throws(Malformed) -> MACAddress? {
    let ports = [source.port, destination.port]
    if ports.contains(where: { [67, 68, 4011].contains($0) }) { return try ofMessage(&payload) }
    if destination.port == 69 {
      guard let machine = owner(of: source) ?? source.hardware, admit(machine) else { return nil }
      askers.remember(machine, for: source.endpoint)
      return machine
    }
    if ports.contains(53) { return ofService(source, destination) { $0 == 53 } }
    return askers[source.endpoint] ?? askers[destination.endpoint]
  }

  private func ofStream(_ source: Party, _ destination: Party) -> MACAddress? {
    ofService(source, destination) { $0 == 53 || httpPorts.contains($0) }
  }

  /// The machine is the end that does not have the service's port.
  private func ofService(
    _ source: Party, _ destination: Party, _ isService: (UInt16) -> Bool
  ) -> MACAddress? {
    if isService(destination.port) { return owner(of: source) }
    return isService(source.port) ? owner(of: destination) : nil
  }

  private func owner(of party: Party) -> MACAddress? {
    if let owner = owners[party.endpoint.address] { return owner }
    guard let hardware = party.hardware, known.contains(hardware) else { return nil }
    return hardware
  }

  /// Reads as much of a DHCP message (RFC 2131 §2) as its first fragment has for certain.
  private mutating func ofMessage(_ reader: inout ByteReader) throws(Malformed) -> MACAddress? {
    let operation: UInt8 = try reader.read()
    let hardwareType: UInt8 = try reader.read()
    let hardwareLength: UInt8 = try reader.read()
    // Ethernet; other hardware has no address that a file could be named after.
    guard operation == 1 || operation == 2, hardwareType == 1, hardwareLength == 6 else {
      return nil
    }
    try reader.skip(9)
    let client = IPv4Address(try reader.read())
    let your = IPv4Address(try reader.read())
    try reader.skip(8)
    let high: UInt16 = try reader.read()
    let low: UInt32 = try reader.read()
    let machine = MACAddress(number: UInt64(high) << 32 | UInt64(low))
    guard admit(machine) else { return nil }
    let address = operation == 2 ? your : client
    if address != .unspecified { owners.remember(machine, for: address) }
    return machine
  }

  private mutating func admit(_ machine: MACAddress) -> Bool {
    if known.contains(machine) { return true }
    guard machine.isUnicast, wanted.isEmpty || wanted.contains(machine) else { return false }
    guard machines.count < limit else {
      turnedAway += 1
      return false
    }
    known.insert(machine)
    machines.append(machine)
    return true
  }
}
