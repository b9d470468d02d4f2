import Boot
import Network
import Wire

/// Which OFFER a firmware requests the address of, and which tells it what to boot.
struct OfferSelection: Sendable {
  let offer: ReceivedReply
  /// nil: none does; the same as `offer` where one server does both.
  let boot: ReceivedReply?
  /// Whose port 4011 is asked for the boot file; nil: `boot` holds it.
  let bootServer: IPv4Address?

  private init(
    _ offer: ReceivedReply, boot: ReceivedReply? = nil, bootServer: IPv4Address? = nil
  ) {
    self.offer = offer
    self.boot = boot
    self.bootServer = bootServer
  }

  /// Whether an OFFER gives an address that a client may use beside another's boot options, though
  /// it lacks what the firmware boots by.
  static func mayUse(_ reply: ReceivedReply) -> Bool {
    reply.role == .offer && givesAddress(reply)
  }

  /// Whether all that is wrong with a reply is what it says, or does not say, of booting.
  static func givesAddress(_ reply: ReceivedReply) -> Bool {
    let needed = ["op", "xid", "chaddr", "option 54", "length", "port", "option 0", "hops"]
    return !ReplyRule.refusals(of: reply).contains {
      $0.effect == .dropped && needed.contains($0.part)
    }
  }

  /// - Parameters:
  ///   - hasWaited: Whether the time to wait for better offers is over.
  ///   - isLast: Whether no further DISCOVER would follow.
  init?(
    _ choice: DHCPDialect.Choice, among offers: [ReceivedReply], hasWaited: Bool, isLast: Bool
  ) {
    let taken = offers.filter { offer in
      !ReplyRule.refusals(of: offer).contains { $0.effect == .dropped }
    }
    let addresses = offers.filter { $0.role == .offer }
    let proxies = taken.filter { $0.role == .proxyOffer }
    switch choice {
    case .first:
      guard let first = taken.first else { return nil }
      self.init(first, boot: first.role == .offer ? first : nil)
    case .ipxe: self.init(ipxe: addresses, proxies, hasWaited: hasWaited)
    case .pxe:
      guard hasWaited else { return nil }
      self.init(pxe: addresses, proxies)
    case .http:
      guard hasWaited else { return nil }
      self.init(whole: taken.first { $0.role == .offer }, addresses, proxies)
    case .raspberryPi:
      self.init(whole: taken.first { $0.role == .offer }, addresses, proxies)
    }
  }

  /// One that does both, else an address and a proxyDHCP's options.
  private init?(
    whole: ReceivedReply?, _ addresses: [ReceivedReply], _ proxies: [ReceivedReply]
  ) {
    if let whole {
      self.init(whole, boot: whole)
    } else if let address = addresses.first, let proxy = proxies.first {
      self.init(address, boot: proxy)
    } else {
      return nil
    }
  }

  /// `dhcp_discovery_rx`: at once with a proxyDHCP's OFFER or where option 175.176 says that none
  /// will come; else after three seconds.
  private init?(ipxe addresses: [ReceivedReply], _ proxies: [ReceivedReply], hasWaited: Bool) {
    guard let address = addresses.first else { return nil }
    let isAlone = address.reply[DHCPOption.ipxe].map(Self.excludesProxies) ?? false
    if !isAlone, let proxy = proxies.first {
      self.init(address, boot: proxy, bootServer: Self.bootServer(of: proxy))
    } else if isAlone || hasWaited
      || address.reply.begins(DHCPOption.vendorClass, with: "PXEClient") && address.isWhole
    {
      self.init(address, boot: address)
    } else {
      return nil
    }
  }

  /// By EDK II's order; BIOS ROMs differ only in what the rules say of their answers.
  private init?(pxe addresses: [ReceivedReply], _ proxies: [ReceivedReply]) {
    guard let address = addresses.first else { return nil }
    let isClass = { (offer: ReceivedReply) in
      offer.reply.begins(DHCPOption.vendorClass, with: "PXEClient")
    }
    if let whole = addresses.first(where: { isClass($0) && $0.isWhole && $0.allowsOfferedFile }) {
      self.init(whole, boot: whole)
    } else if let proxy = proxies.first(where: { Self.bootServer(of: $0) == nil }) {
      self.init(address, boot: proxy)
    } else if let whole = addresses.first(where: isClass) {
      self.init(whole, boot: whole)
    } else if let proxy = proxies.first {
      self.init(address, boot: proxy, bootServer: Self.bootServer(of: proxy))
    } else if let whole = addresses.first(where: \.isWhole) {
      self.init(whole, boot: whole)
    } else {
      // An address without anything to boot: all the same it is asked for, and the boot ends.
      self.init(address, boot: address)
    }
  }

  private static func bootServer(of proxy: ReceivedReply) -> IPv4Address? {
    guard ReplyRule.refusals(of: proxy).contains(where: { $0.effect == .asksBootServer }) else {
      return nil
    }
    // The server's identifier: `siaddr` may name the TFTP server of its file.
    return proxy.reply.address(DHCPOption.serverIdentifier) ?? proxy.source.address
  }

  /// Option 175.176, no-pxedhcp.
  private static func excludesProxies(_ value: [UInt8]) -> Bool {
    var offset = 0
    while offset + 1 < value.count {
      let count = Int(value[offset + 1])
      if value[offset] == 176, count == 1, offset + 2 < value.count {
        return value[offset + 2] != 0
      }
      offset += 2 + count
    }
    return false
  }
}

extension ReceivedReply {
  /// Whether it has an address and a boot file.
  fileprivate var isWhole: Bool { role == .offer && reply.bootFile != nil }
}
