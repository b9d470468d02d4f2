import Boot
import Bytes
import Network
import Wire

/// A DHCP relay agent between clients and a server on another network (RFC 1542, RFC 3046).
package struct VirtualRelay: Hashable, Sendable {
  /// `giaddr`: its address on the clients' link.
  package let address: IPv4Address
  /// Option 82 as it adds it; empty: none.
  package let information: [UInt8]

  package init(address: IPv4Address, information: [UInt8] = []) {
    self.address = address
    self.information = information
  }

  /// A client's broadcast as it goes to the server; nil for what no relay forwards.
  func forwarded(_ payload: [UInt8]) -> [UInt8]? {
    guard var meaning = DHCPMeaning(reading: payload), meaning.header.isRequest,
      meaning.header.hops < Self.mostHops
    else { return nil }
    meaning.header.hops += 1
    if meaning.header.relayAddress == .unspecified {
      meaning.header.relayAddress = address
      // Last of all (RFC 3046 §2.1).
      if !information.isEmpty {
        meaning.options.append(
          DHCPMeaning.Option(code: DHCPOption.relayAgentInformation, value: information))
      }
    }
    return meaning.encoded()
  }

  /// A server's reply as it goes to the client, and where to; nil when it is none of ours.
  func returned(_ datagram: SentDatagram) -> SentDatagram? {
    guard datagram.destination == Endpoint(address, Self.serverPort),
      var meaning = DHCPMeaning(reading: datagram.payload), !meaning.header.isRequest
    else { return nil }
    meaning.options.removeAll { $0.code == DHCPOption.relayAgentInformation }
    let header = meaning.header
    let wantsBroadcast = header.flags & 0x8000 != 0 || header.yourAddress == .unspecified
    return SentDatagram(
      source: Endpoint(address, Self.serverPort),
      destination: Endpoint(wantsBroadcast ? .broadcast : header.yourAddress, Self.clientPort),
      hardware: wantsBroadcast ? nil : header.hardwareAddress.macAddress,
      interface: datagram.interface, payload: meaning.encoded())
  }

  private static let mostHops: UInt8 = 16
  static let serverPort: UInt16 = 67
  static let clientPort: UInt16 = 68
}

extension DHCPMeaning {
  /// What a message says; nil when it cannot be read.
  package init?(reading payload: [UInt8]) {
    do throws(Malformed) {
      let message = try DHCPMessage(checking: payload.rawSpan)
      try self.init(message)
    } catch { return nil }
  }

  package var type: DHCPMessageType? {
    self[DHCPOption.messageType].flatMap { $0.first }.flatMap { DHCPMessageType(rawValue: $0) }
  }

  /// An option that holds one address, or the first of several.
  package func address(_ code: UInt8) -> IPv4Address? {
    guard let value = self[code], value.count >= 4 else { return nil }
    return IPv4Address(value[0], value[1], value[2], value[3])
  }

  /// An option's text up to a NUL.
  package func text(_ code: UInt8) -> String? {
    self[code].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  package func begins(_ code: UInt8, with text: String) -> Bool {
    self[code]?.starts(with: text.utf8) ?? false
  }

  /// A sub-option of option 43; nil where it is absent, or 43 is no list of sub-options.
  package func vendorOption(_ code: UInt8) -> [UInt8]? {
    guard let value = self[DHCPOption.vendorSpecific] else { return nil }
    let bytes = value.rawSpan
    do throws(Malformed) {
      return try SubOptions.value(of: code, in: bytes, .padded)?.octets()
    } catch { return nil }
  }

  /// Whether the first item of PXE's menu is item 0, the machine's own disk (PXE 2.1 §2.2.3).
  package var bootsLocally: Bool {
    vendorOption(9)?.starts(with: [0, 0]) ?? false
  }

  /// The boot file: the BOOTP field, else option 67. nil: none is named.
  package var bootFile: String? {
    if !file.isEmpty { return String(decoding: file, as: UTF8.self) }
    guard let text = text(DHCPOption.bootFileName), !text.isEmpty else { return nil }
    return text
  }
}
