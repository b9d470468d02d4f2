import Boot
import Network
import Wire

/// What a kind of firmware needs in a reply, with the evidence for it: for the models, which live by
/// these rules, and for the judgement of replies that a recorded server gave.
package struct ReplyRule: Sendable {
  package let name: String
  let roles: Set<ReceivedReply.Role>
  let applies: @Sendable (ReceivedReply) -> Bool
  /// nil: the reply keeps the rule.
  let check: @Sendable (ReceivedReply) -> Refusal?

  /// What is wrong with a reply, in the order of the table; empty: it is taken as it was meant.
  ///
  /// An OFFER that only gives an address beside a proxyDHCP's is not to be asked about: what it
  /// lacks the other has.
  package static func refusals(of reply: ReceivedReply) -> [Refusal] {
    all.compactMap { rule in
      guard rule.roles.contains(reply.role), rule.applies(reply) else { return nil }
      return rule.check(reply)
    }
  }

  package static let all = general + pxe + ipxe + http + uboot + raspberryPi

  private static let every = Set(ReceivedReply.Role.allCases)
  private static let fromPort67: Set<ReceivedReply.Role> = [.offer, .proxyOffer, .acknowledgement]
  private static let withAddress: Set<ReceivedReply.Role> = [.offer, .acknowledgement]
  private static let beside: Set<ReceivedReply.Role> = [.proxyOffer, .bootServer]

  private static func anyone(_ reply: ReceivedReply) -> Bool { true }

  private static func isPXE(_ reply: ReceivedReply) -> Bool {
    [.pxe, .ipxe, .pi].contains(reply.firmware?.kind) && !reply.isOfUBoot
  }

  private static func isEFI(_ reply: ReceivedReply) -> Bool {
    Quirk.classMakesBINL.applies(to: reply.firmware) && !reply.isOfUBoot
  }

  private static func isROM(_ reply: ReceivedReply) -> Bool {
    reply.firmware?.kind == .pxe && !reply.isOfUBoot
  }

  private static func isIPXE(_ reply: ReceivedReply) -> Bool {
    Quirk.proxyOfferHasNextServer.applies(to: reply.firmware)
  }

  private static func isROMOrIPXE(_ reply: ReceivedReply) -> Bool {
    isROM(reply) || isIPXE(reply)
  }

  private static func isHTTP(_ reply: ReceivedReply) -> Bool {
    Quirk.httpClientWantsItsClass.applies(to: reply.firmware)
  }

  // RFC 2131 §4.1, §4.4.1: of every client.
  private static let general = [
    ReplyRule(name: "is-a-reply", roles: every, applies: anyone) { reply in
      reply.reply.header.isRequest ? Refusal("op", "is that of a request") : nil
    },
    ReplyRule(name: "transaction-is-the-question's", roles: every, applies: anyone) {
      let (reply, question) = ($0.reply.header.transactionID, $0.question.header.transactionID)
      return reply == question
        ? nil
        : Refusal("xid", "is \(hexadecimal(reply)), the question's was \(hexadecimal(question))")
    },
    ReplyRule(name: "hardware-is-the-question's", roles: every, applies: anyone) {
      let (reply, question) = ($0.reply.header.hardwareAddress, $0.question.header.hardwareAddress)
      // Some servers zero what stands behind the address.
      return reply.high >> 16 == question.high >> 16
        ? nil : Refusal("chaddr", "is another machine's")
    },
    ReplyRule(name: "server-says-who-it-is", roles: fromPort67, applies: anyone) { reply in
      reply.reply.address(DHCPOption.serverIdentifier) == nil
        ? Refusal("option 54", "is missing: no REQUEST can name the server") : nil
    },
    ReplyRule(
      name: "message-fits", roles: every, applies: anyone
    ) { reply in
      let headers = 28
      let size = reply.question[DHCPOption.maximumMessageSize] ?? []
      let limit = max(size.count == 2 ? Int(size[0]) << 8 | Int(size[1]) : 576, 576)
      let count = reply.octets.count + headers
      return count <= limit
        ? nil : Refusal("length", "\(count) bytes as a datagram, and option 57 allows \(limit)")
    },
    // EDK II asks from 4011 and listens there, iPXE from 68 (recorded in the lab).
    ReplyRule(name: "answered-where-it-listens", roles: every, applies: anyone) { reply in
      let relay = reply.reply.header.relayAddress
      let isForRelay = relay != .unspecified && reply.destination.address == relay
      let port: UInt16 =
        isForRelay ? 67 : reply.role == .bootServer ? reply.questionPort : 68
      return reply.destination.port == port
        ? nil
        : Refusal("port", "it was sent to port \(reply.destination.port), and \(port) listens")
    },
    // RFC 2131 §4.1; EDK II sets the flag, and has no address to hear at.
    ReplyRule(name: "broadcast-where-asked", roles: withAddress, applies: isOfNewcomer) { reply in
      let (address, own) = (reply.destination.address, reply.reply.header.yourAddress)
      let wantsBroadcast = reply.question.header.flags & 0x8000 != 0
      if address == .broadcast || address == own && !wantsBroadcast { return nil }
      let place = wantsBroadcast ? "it hears broadcasts only" : "it is to have \(own)"
      return Refusal("destination", "it was sent to \(address), and \(place)")
    },
    // RFC 2131 §4.1: a relay hears nothing else, and forwards by giaddr.
    ReplyRule(name: "relay-gets-its-answer", roles: every, applies: isRelayed) { reply in
      let relay = reply.question.header.relayAddress
      if reply.destination.address != relay {
        return Refusal(
          "destination",
          "it was sent to \(reply.destination.address), not to the "
            + "relay \(relay)")
      }
      let named = reply.reply.header.relayAddress
      return named == relay ? nil : Refusal("giaddr", "is \(named), not the relay \(relay)")
    },
    // RFC 3046 §2.2: relays drop an answer whose circuit they cannot tell.
    ReplyRule(name: "relay-gets-its-option", roles: every, applies: isRelayed) { reply in
      let asked = reply.question[DHCPOption.relayAgentInformation]
      guard let asked, reply.reply[DHCPOption.relayAgentInformation] != asked else { return nil }
      return Refusal("option 82", "is not the relay's own")
    },
    // RFC 2131 §4.3.1, table 3; systemd-networkd ignores a reply without it.
    ReplyRule(name: "lease-has-a-time", roles: withAddress, applies: anyone) { reply in
      guard reply.reply.header.yourAddress != .unspecified else { return nil }
      let seconds = reply.reply[DHCPOption.leaseTime]
      guard let seconds, seconds.contains(where: { $0 != 0 }) else {
        return Refusal("option 51", seconds == nil ? "is missing: no lease" : "is 0 s: no lease")
      }
      return nil
    },
    // RFC 2131 §4.4.1: who asked for one address does not take another.
    ReplyRule(name: "address-is-the-one-asked-for", roles: [.acknowledgement], applies: anyone) {
      let given = $0.reply.header.yourAddress
      let held = $0.question.header.clientAddress
      let wanted = held == .unspecified ? $0.question.address(DHCPOption.requestedAddress) : held
      guard $0.question.type == .request, let wanted, given != .unspecified, given != wanted else {
        return nil
      }
      return Refusal("yiaddr", "is \(given), and \(wanted) was asked for")
    },
  ]

  /// Asked without a relay and without an address.
  private static func isOfNewcomer(_ reply: ReceivedReply) -> Bool {
    let question = reply.question.header
    return question.relayAddress == .unspecified && question.clientAddress == .unspecified
      && reply.reply.header.relayAddress == .unspecified
  }

  /// Whether the question came through a relay, and the answer is not what the relay then sent on.
  private static func isRelayed(_ reply: ReceivedReply) -> Bool {
    let relay = reply.question.header.relayAddress
    return relay != .unspecified && reply.source.address != relay
  }

  private static let pxe = [
    // PXE 2.1 §2.2.3: without its class the answer is no PXE server's.
    ReplyRule(
      name: "boot-server-has-class", roles: beside,
      applies: isPXE
    ) { reply in
      reply.reply.begins(DHCPOption.vendorClass, with: "PXEClient")
        ? nil : Refusal("option 60", "is not PXEClient")
    },
    // tianocore/edk2#8149: such an OFFER is of the type BINL.
    ReplyRule(
      name: "class-makes-binl", roles: withAddress,
      applies: isEFI
    ) { reply in
      guard reply.reply.begins(DHCPOption.vendorClass, with: "PXEClient"),
        !reply.allowsOfferedFile, !reply.reply.bootsLocally
      else { return nil }
      return Refusal(
        "option 43",
        "has no 6 = 8 beside option 60 = PXEClient: it asks port 4011 for its boot file",
        .asksBootServer, .classMakesBINL)
    },
    // PXE 2.1 §2.2.3, PXE_DISCOVERY_CONTROL; recorded in the lab with dnsmasq.
    ReplyRule(
      name: "offered-file-is-enough", roles: [.proxyOffer],
      applies: isROM
    ) { reply in
      if reply.allowsOfferedFile, reply.reply.bootFile != nil { return nil }
      let quirk: Quirk =
        reply.firmware?.isEFI == true ? .proxyOfferLeadsEFIToBootServer : .offeredFileIsEnough
      return Refusal(
        "option 43", "has no 6 = 8 with a boot file: it asks port 4011 for its boot file",
        .asksBootServer, quirk)
    },
    ReplyRule(
      name: "boot-server-names-file", roles: [.bootServer],
      applies: isROMOrIPXE
    ) { reply in
      reply.reply.bootFile == nil ? Refusal("file", "names no boot file") : nil
    },
  ]

  private static let ipxe = [
    // Recorded in the lab (amd64-bios-proxydhcp-siaddr0): it refuses 4011's answers too.
    ReplyRule(
      name: "proxy-offer-has-next-server", roles: beside,
      applies: isIPXE
    ) { reply in
      guard reply.reply.header.serverAddress == .unspecified else { return nil }
      return Refusal(
        "siaddr", "is 0.0.0.0: iPXE takes no boot file of such an answer",
        reply.role == .proxyOffer ? .asksBootServer : .dropped, .proxyOfferHasNextServer)
    },
    ReplyRule(
      name: "proxy-offer-names-file", roles: [.proxyOffer], applies: isIPXE
    ) { reply in
      reply.reply.bootFile == nil
        ? Refusal("file", "names no boot file: it asks port 4011", .asksBootServer) : nil
    },
  ]

  private static let http = [
    // xcat2/xcat-core#7743: offers without it are dropped.
    ReplyRule(
      name: "http-client-wants-its-class", roles: fromPort67,
      applies: isHTTP
    ) { reply in
      reply.reply.begins(DHCPOption.vendorClass, with: "HTTPClient")
        ? nil
        : Refusal("option 60", "is not HTTPClient", .dropped, .httpClientWantsItsClass)
    },
    ReplyRule(
      name: "http-client-wants-url", roles: fromPort67, applies: isHTTP
    ) { reply in
      guard reply.reply.begins(DHCPOption.vendorClass, with: "HTTPClient") else { return nil }
      let file = reply.reply.text(DHCPOption.bootFileName) ?? reply.reply.bootFile ?? ""
      return file.lowercased().hasPrefix("http")
        ? nil
        : Refusal(
          "option 67", file.isEmpty ? "holds no URL" : "is no URL: \(file)", .dropped,
          .httpClientWantsItsClass)
    },
  ]

  static func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}

extension ReceivedReply {
  /// U-Boot says PXEClient in its EFI step; its interface version is 1.0.0 all the same.
  var isOfUBoot: Bool {
    firmware?.kind == .uboot || question[DHCPOption.networkInterface] == [1, 0, 0]
      || question.begins(DHCPOption.vendorClass, with: "U-Boot")
  }

  /// Option 43.6 with bit 3: the file in this very message is the one (PXE 2.1 §2.2.2).
  var allowsOfferedFile: Bool {
    reply.vendorOption(6)?.first.map { $0 & 8 != 0 } ?? false
  }
}
