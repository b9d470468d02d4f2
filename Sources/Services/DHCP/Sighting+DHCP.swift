import Boot
import Bytes
import Network
import Wire

extension Sighting {
  /// What a DHCP message shows of a machine, over what it showed before.
  ///
  /// The REQUEST for an OFFER need not repeat what the DISCOVER said (``Quirk/piRequestIsShort``);
  /// that to port 4011 may say otherwise, EFI clients having called themselves BIOS there.
  mutating func update(_ query: DHCPQuery, _ message: borrowing DHCPMessage) throws(Malformed) {
    let answersOffer = query.type == .request && query.requestState == .selecting
    let shown = try Firmware(message)
    let isAboutOffer = query.isToBootServer && firmware?.kind == shown?.kind
    if !isAboutOffer, !answersOffer || shown?.code != nil || firmware == nil {
      firmware = shown
      if let shown { architecture = shown.architecture }
    }
    if let serial = try message.clientSerial {
      if serial != self.serial { self.serial = serial }
    } else if firmware?.kind == .pi {
      uuid = nil
    } else if let uuid = try message.clientUUID {
      self.uuid = uuid
    }
    try Self.update(&vendorClass, DHCPOption.vendorClass, message)
    try Self.update(&clientIdentifier, DHCPOption.clientIdentifier, message)
    try update(relayOf: message, isFirst: query.type == .discover)
  }

  /// A unicast REQUEST goes past the relay, so only a DISCOVER without option 82 says that the
  /// machine hangs on no known port any more.
  private mutating func update(
    relayOf message: borrowing DHCPMessage, isFirst: Bool
  ) throws(Malformed) {
    let circuit: UInt8 = 1  // RFC 3046 §2.0
    let found = try message.withValue(
      of: DHCPOption.relayAgentInformation,
      { value throws(Malformed) -> [UInt8]? in
        guard let port = try SubOptions.value(of: circuit, in: value, .plain) else { return nil }
        return port.equals(relayPort) ? relayPort : port.keptOctets
      })
    if let found { relayPort = found } else if isFirst { relayPort = [] }
  }

  /// Copies the option only when it differs, so that a known machine costs no allocation.
  private static func update(
    _ known: inout [UInt8], _ code: UInt8, _ message: borrowing DHCPMessage
  ) throws(Malformed) {
    let differs = try message.withValue(of: code) { value throws(Malformed) -> [UInt8]? in
      value.equals(known) ? nil : value.keptOctets
    }
    if let differs { known = differs }
  }
}

extension RawSpan {
  /// A copy to be kept; empty when it is longer than one option can be, so that a stranger cannot
  /// make a table of ours large by RFC 3396.
  var keptOctets: [UInt8] { byteCount <= 255 ? octets() : [] }
}
