import Boot
import Network
import Wire

// Of boards that are no PCs.
extension ReplyRule {
  static let uboot = [
    // Recorded in the lab: its option 55 lacks 66 and 67.
    ReplyRule(
      name: "bootp-fields-only", roles: [.offer, .acknowledgement], applies: isUBoot
    ) { reply in
      guard reply.reply.file.isEmpty, let name = reply.reply.text(DHCPOption.bootFileName) else {
        return nil
      }
      return Refusal(
        "option 67", "is not read; the BOOTP field is empty, so \(name) is not asked for", .misled,
        .bootpFieldsOnly)
    },
    ReplyRule(
      name: "next-server-is-named", roles: [.acknowledgement], applies: isUBoot
    ) { reply in
      guard !reply.reply.file.isEmpty, reply.reply.header.serverAddress == .unspecified else {
        return nil
      }
      return Refusal(
        "siaddr", "is 0.0.0.0: U-Boot has no server to fetch from", .misled, .bootpFieldsOnly)
    },
    // U-Boot, net/bootp.c without CONFIG_SERVERIP_FROM_PROXYDHCP.
    ReplyRule(name: "first-offer-is-taken", roles: [.proxyOffer], applies: isUBoot) { _ in
      Refusal(
        "yiaddr", "is 0.0.0.0, and U-Boot asks for the address of the first OFFER", .misled,
        .firstOfferIsTaken)
    },
  ]

  private static func isUBoot(_ reply: ReceivedReply) -> Bool { reply.isOfUBoot }

  private static let offers: Set<ReceivedReply.Role> = [.offer, .proxyOffer]
  private static let menuText = "Raspberry Pi Boot"

  private static func isPi(_ reply: ReceivedReply) -> Bool { reply.firmware?.kind == .pi }

  private static func isPi3ROM(_ reply: ReceivedReply) -> Bool {
    isPi(reply)
      && reply.question[DHCPOption.clientUUID] == [0] + [UInt8](repeating: 0x44, count: 16)
  }

  static let raspberryPi = [
    // raspberrypi/documentation boot-net.adoc and #1686: sub-options, no bare text.
    ReplyRule(name: "pi-menu", roles: offers, applies: isPi) { reply in
      guard let menu = reply.reply.vendorOption(9),
        String(decoding: menu, as: UTF8.self).contains(menuText)
      else {
        return Refusal("option 43", "holds no menu \u{201c}\(menuText)\u{201d}", .dropped, .piMenu)
      }
      return nil
    },
    // boot-net.adoc, known problems: the ROM computes the length wrongly.
    ReplyRule(name: "pi-menu-is-padded", roles: offers, applies: isPi3ROM) { reply in
      guard let menu = reply.reply.vendorOption(9) else { return nil }
      let text = String(decoding: menu.dropFirst(3), as: UTF8.self)
      return text == menuText
        ? Refusal(
          "option 43", "\u{201c}\(menuText)\u{201d} lacks the three spaces of the Pi 3's ROM",
          .dropped, .piMenu) : nil
    },
    // raspberrypi/rpi-eeprom#82: until 2020-01-17 the whole reply was ignored.
    ReplyRule(
      name: "pi-reads-no-pads", roles: [.offer, .proxyOffer, .acknowledgement], applies: isPi
    ) { reply in
      hasPads(reply.octets)
        ? Refusal("option 0", "pads stand before the end of the options", .dropped, .piReadsNoPads)
        : nil
    },
    // boot-net.adoc; raspberrypi/rpi-eeprom#58 until 2020-06-12.
    ReplyRule(name: "pi-wants-no-hops", roles: offers, applies: isPi) { reply in
      reply.reply.header.hops == 0
        ? nil : Refusal("hops", "is \(reply.reply.header.hops): a Raspberry Pi wants 0")
    },
    // raspberrypi/rpi-eeprom#72, raspberrypi/firmware#871.
    ReplyRule(name: "pi-takes-server-as-text", roles: offers, applies: isPi) { reply in
      guard let text = reply.reply[DHCPOption.tftpServerName],
        IPv4Address(String(decoding: text, as: UTF8.self)) == nil
      else { return nil }
      let why = text.last == 0 ? "ends with a NUL" : "is no dotted quad"
      return Refusal("option 66", why, .misled, .piTakesServerAsText)
    },
    // raspberrypi/rpi-eeprom#182: it repeats its DISCOVER and goes on to the next boot mode.
    ReplyRule(name: "pi-names-its-files", roles: offers, applies: isPi) { reply in
      guard let file = reply.reply.bootFile, isOfPC(file) else { return nil }
      return Refusal("file", "\(file) is a PC's", .dropped, .piNamesItsFiles)
    },
  ]

  private static func isOfPC(_ file: String) -> Bool {
    [".efi", ".kpxe", ".kkpxe", ".pxe", ".0", ".ipxe"].contains { file.hasSuffix($0) }
      || file.contains("://")
  }

  /// Whether a 0 stands where an option's code would, before the last option.
  private static func hasPads(_ octets: [UInt8]) -> Bool {
    var offset = DHCPMessage.minimumCount
    while offset < octets.count, octets[offset] != DHCPOption.end {
      if octets[offset] == DHCPOption.pad {
        return octets[offset...].contains { $0 != 0 && $0 != DHCPOption.end }
      }
      guard offset + 1 < octets.count else { return false }
      offset += 2 + Int(octets[offset + 1])
    }
    return false
  }
}

/// What a client needs of the answer to its TFTP request (RFC 2347 to 2349, RFC 7440).
package enum TransferRule {
  /// What is wrong with an OACK that answers a request for `asked`.
  package static func refusals(
    of granted: TFTPOptionValues, to asked: TFTPOptionValues
  ) -> [Refusal] {
    var refusals: [Refusal] = []
    // gagle/node-tftp#14: some clients end the transfer with ERROR 8.
    func refuse(_ option: String, _ isAsked: Bool, _ isGranted: Bool) {
      if isGranted, !isAsked {
        refusals.append(Refusal(option, "is answered and was not asked for"))
      }
    }
    refuse("tsize", asked.transferSize != nil, granted.transferSize != nil)
    refuse("blksize", asked.blockSize != nil, granted.blockSize != nil)
    refuse("timeout", asked.timeout != nil, granted.timeout != nil)
    refuse("windowsize", asked.windowSize != nil, granted.windowSize != nil)
    if let size = granted.blockSize, let most = asked.blockSize, size > most {
      refusals.append(Refusal("blksize", "is \(size), more than the \(most) asked for"))
    }
    if let size = granted.windowSize, let most = asked.windowSize, size > most {
      refusals.append(Refusal("windowsize", "is \(size), more than the \(most) asked for"))
    }
    if let timeout = granted.timeout, let wanted = asked.timeout, timeout != wanted {
      refusals.append(Refusal("timeout", "is \(timeout), not the \(wanted) asked for"))
    }
    return refusals
  }

  /// raspberrypi/firmware#1041: the boot of a Pi 2B and 3B+ broke.
  package static let secondOACK = Refusal(
    "OACK", "answers one RRQ a second time, before anything was lost", .misled)
}
