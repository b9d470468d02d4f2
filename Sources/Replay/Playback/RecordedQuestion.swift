import Boot
import Bytes
import Network
import Services
import Wire

/// A client's DHCP message of a recording, with what servers said to it there.
package struct RecordedQuestion: Sendable {
  package let datagram: RecordedDatagram
  package let meaning: DHCPMeaning
  package let type: DHCPMessageType
  /// What it shows of the firmware; nil for a client that does not boot.
  package let firmware: Firmware?
  package internal(set) var replies: [RecordedReply] = []

  /// nil for what is no client's DHCP message.
  init?(_ datagram: RecordedDatagram) {
    guard let message = try? DHCPMessage(checking: datagram.payload.rawSpan), message.isRequest,
      let type = try? message.type, let meaning = try? DHCPMeaning(message)
    else { return nil }
    self.datagram = datagram
    self.meaning = meaning
    self.type = type
    firmware = (try? Firmware(message)) ?? nil
  }

  package var machine: MACAddress? { meaning.header.hardwareAddress.macAddress }

  /// Whether it came to port 4011.
  var isToBootServer: Bool { datagram.destination.port == 4011 }

  /// Option 54: whose OFFER it takes.
  var chosenServer: IPv4Address? { meaning.address(DHCPOption.serverIdentifier) }
}

/// A server's DHCP message of a recording.
package struct RecordedReply: Sendable {
  package let datagram: RecordedDatagram
  package let meaning: DHCPMeaning
  package let type: DHCPMessageType

  init?(_ datagram: RecordedDatagram) {
    guard let message = try? DHCPMessage(checking: datagram.payload.rawSpan), !message.isRequest,
      let type = try? message.type, let meaning = try? DHCPMeaning(message)
    else { return nil }
    self.datagram = datagram
    self.meaning = meaning
    self.type = type
  }

  /// Option 54, else who sent it.
  var server: IPv4Address {
    meaning.address(DHCPOption.serverIdentifier) ?? datagram.source.address
  }

  /// Whether it says where to boot from without giving an address.
  var isOfProxy: Bool {
    type != .nak && meaning.header.yourAddress == .unspecified
      && (datagram.source.port == 4011
        || meaning[DHCPOption.vendorClass].map { $0.starts(with: "PXEClient".utf8) } == true)
  }
}

extension DHCPMeaning {
  func number(_ code: UInt8) -> UInt32? {
    guard let value = self[code], (1...4).contains(value.count) else { return nil }
    return value.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// What is to be fetched; empty: nothing is said of it.
  var bootFileName: String { bootFile ?? "" }
}
