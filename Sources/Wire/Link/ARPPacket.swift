import Bytes
import Network

/// An ARP packet for IPv4 over Ethernet (RFC 826); any other kind is malformed here.
package struct ARPPacket: Equatable, Sendable {
  package enum Operation: UInt16, Sendable {
    case request = 1
    case reply = 2
  }

  package var operation: Operation
  package var senderHardware: MACAddress
  /// 0.0.0.0 in a probe for an address conflict (RFC 5227 §1.1).
  package var sender: IPv4Address
  package var targetHardware: MACAddress
  package var target: IPv4Address

  package init(
    _ operation: Operation, senderHardware: MACAddress, sender: IPv4Address,
    targetHardware: MACAddress, target: IPv4Address
  ) {
    self.operation = operation
    self.senderHardware = senderHardware
    self.sender = sender
    self.targetHardware = targetHardware
    self.target = target
  }

  package init(decoding bytes: RawSpan) throws(Malformed) {
    var reader = ByteReader(bytes)
    guard try reader.read(UInt16.self) == 1 else {
      throw Malformed(.unsupported("hardware type"), at: 0)
    }
    guard try reader.read(UInt16.self) == EtherType.ipv4 else {
      throw Malformed(.unsupported("protocol type"), at: 2)
    }
    guard try reader.read(UInt16.self) == 0x0604 else {
      throw Malformed(.invalid("address lengths"), at: 4)
    }
    guard let operation = Operation(rawValue: try reader.read()) else {
      throw Malformed(.unsupported("operation"), at: 6)
    }
    self.operation = operation
    senderHardware = try reader.readMACAddress()
    sender = IPv4Address(try reader.read())
    targetHardware = try reader.readMACAddress()
    target = IPv4Address(try reader.read())
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(UInt16(1))
    writer.write(EtherType.ipv4)
    writer.write(UInt16(0x0604))
    writer.write(operation.rawValue)
    writer.write(senderHardware)
    writer.write(sender.number)
    writer.write(targetHardware)
    writer.write(target.number)
  }
}
