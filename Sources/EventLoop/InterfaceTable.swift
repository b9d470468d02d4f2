import CLinux
import Network

/// One of this machine's interfaces.
package struct NetworkInterface: Hashable, Sendable {
  package var name: String
  /// The kernel's number; it changes when the interface is made anew.
  package var index: Int32
  /// Nil for an interface without Ethernet addresses.
  package var hardwareAddress: MACAddress?
  package var addresses: [InterfaceAddress]
  package var isUp: Bool
  /// Whether frames can leave: up, and with a carrier.
  package var isRunning: Bool
  package var isLoopback: Bool
}

/// An address of an interface with the subnet that it makes reachable.
package struct InterfaceAddress: Hashable, Sendable {
  package var address: IPv4Address
  package var prefix: IPv4Prefix
}

/// The interfaces as they were when it was read. Needs AF_NETLINK in a sandbox.
package struct InterfaceTable: Sendable {
  /// In the order of their numbers.
  package let interfaces: [NetworkInterface]

  package static func read() throws(SystemError) -> InterfaceTable {
    var rows = [cl_interface](repeating: cl_interface(), count: 1_024)
    let count = unsafe rows.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return Int32(0) }
      return unsafe cl_interfaces(start, Int32(buffer.count))
    }
    try checked(count, "getifaddrs")
    var found: [Int32: NetworkInterface] = [:]
    for row in rows.prefix(Int(count)) {
      var interface = found[row.index] ?? NetworkInterface(row)
      if row.has_link != 0 { interface.hardwareAddress = MACAddress(row.link) }
      if row.has_address != 0 {
        let prefix = IPv4Prefix(
          IPv4Address(row.address), length: row.netmask.nonzeroBitCount)
        interface.addresses.append(
          InterfaceAddress(address: IPv4Address(row.address), prefix: prefix))
      }
      found[row.index] = interface
    }
    return InterfaceTable(interfaces: found.values.sorted { $0.index < $1.index })
  }

  package subscript(name: String) -> NetworkInterface? { interfaces.first { $0.name == name } }

  package subscript(index: Int32) -> NetworkInterface? { interfaces.first { $0.index == index } }

  /// The interface that has `address` as its own.
  package func owner(of address: IPv4Address) -> NetworkInterface? {
    interfaces.first { $0.addresses.contains { $0.address == address } }
  }
}

extension NetworkInterface {
  fileprivate init(_ row: cl_interface) {
    let characters = row.name
    let name = unsafe withUnsafeBytes(of: characters) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    self.init(
      name: name, index: row.index, hardwareAddress: nil, addresses: [], isUp: row.up != 0,
      isRunning: row.running != 0, isLoopback: row.loopback != 0)
  }
}

extension MACAddress {
  fileprivate init(_ octets: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)) {
    self.init(octets.0, octets.1, octets.2, octets.3, octets.4, octets.5)
  }
}
