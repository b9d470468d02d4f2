import Boot
import Bytes
import Network
import Wire

/// A reply to a DHCP message, as meaning; `encode` makes the message of it.
struct DHCPReply {
  let type: DHCPMessageType
  let query: DHCPQuery
  /// The address given; unspecified in a NAK and in the answer to an INFORM.
  var yourAddress = IPv4Address.unspecified
  /// nil in a NAK.
  var subnet: Subnet?
  /// nil where no lease is given.
  var leaseSeconds: UInt32?
  /// nil: nothing to boot.
  var boot: BootOptions?
  var hostName: String?
  /// What a NAK says.
  var message: String?
  /// Our own address as the client sees it.
  let server: IPv4Address
  /// Where the client listens; else the port of clients.
  var clientPort = Reply.Destination.clientPort

  /// Appends the message and the action that sends it.
  func encode(
    answering message: borrowing DHCPMessage, into actions: inout Actions
  ) throws(Malformed) {
    let start = actions.writer.count
    var header = DHCPHeader(hardwareAddress: query.hardwareAddress)
    header.transactionID = message.transactionID
    header.flags = message.flags
    header.relayAddress = query.relay
    header.yourAddress = yourAddress
    if type != .nak {
      header.clientAddress = query.clientAddress
      // Beside a URL too (``Quirk/proxyOfferHasNextServer``).
      if boot != nil {
        header.serverAddress = server
        actions.origins.note(.nextServer, .ours)
      }
    } else if query.relay != .unspecified {
      // RFC 2131 §4.3.2: the relay must broadcast a NAK.
      header.flags |= 0x8000
    }
    let reserve = try Self.echoedCount(message)
    let writer = DHCPWriter(
      header, file: boot?.file ?? "", limit: Self.limit(message), reserve: reserve,
      into: &actions.writer)
    writer.option(DHCPOption.messageType, number: type.rawValue, into: &actions.writer)
    actions.origins.note(.option(DHCPOption.messageType), .rule("RFC 2131 \u{a7}3.1"))
    actions.put(
      DHCPOption.serverIdentifier, address: query.identifier(or: server), by: writer,
      from: query.identifierOverride == nil ? .ours : .relay)
    if let text = self.message {
      actions.put(
        DHCPOption.message, text, by: writer, from: .rule("why it is refused (RFC 2132 \u{a7}9.9)"))
    }
    writeLease(writer, into: &actions)
    writeBoot(writer, into: &actions)
    try writeSubnet(writer, message, into: &actions)
    try Self.echo(message, writer, into: &actions)
    // Its pads come after END (``Quirk/piReadsNoPads``).
    writer.finish(into: &actions.writer)
    let destination = Reply.Destination(
      to: query, type, yourAddress: yourAddress, wantsBroadcast: message.wantsBroadcast,
      port: clientPort, noting: &actions.origins)
    actions.append(
      .send(
        Reply(
          payload: actions.written(since: start), destination: destination,
          source: Endpoint(query.arrival.local, query.arrival.destination.port),
          interface: query.arrival.interface)))
  }

  private func writeLease(_ writer: DHCPWriter, into actions: inout Actions) {
    guard let leaseSeconds, let subnet else { return }
    actions.put(
      DHCPOption.leaseTime, number: leaseSeconds, by: writer,
      from: leaseSeconds < subnet.lease.wholeSeconds ? .askedForLess : .subnet(subnet.network))
    // RFC 2131 §4.4.5: half of it, and seven eighths.
    actions.put(
      DHCPOption.renewalTime, number: leaseSeconds / 2, by: writer,
      from: .rule("half of the lease (RFC 2131 \u{a7}4.4.5)"))
    actions.put(
      DHCPOption.rebindingTime, number: UInt32(UInt64(leaseSeconds) * 7 / 8), by: writer,
      from: .rule("seven eighths of the lease (RFC 2131 \u{a7}4.4.5)"))
  }

  /// Option 67 is never last, because some firmware reads past its length; nor is 66. Where they
  /// are from ``BootOptions`` has noted.
  private func writeBoot(_ writer: DHCPWriter, into actions: inout Actions) {
    guard let boot else { return }
    if !boot.vendorClass.isEmpty {
      writer.option(DHCPOption.vendorClass, boot.vendorClass, into: &actions.writer)
    }
    if !boot.ipxe.isEmpty { writer.option(DHCPOption.ipxe, boot.ipxe, into: &actions.writer) }
    if boot.hasServerOption {
      writer.option(DHCPOption.tftpServerName, server.description, into: &actions.writer)
    }
    if boot.hasFileOption {
      writer.option(DHCPOption.bootFileName, boot.file, into: &actions.writer)
    }
    if !boot.vendorSpecific.isEmpty {
      writer.option(DHCPOption.vendorSpecific, boot.vendorSpecific, into: &actions.writer)
    }
  }

  private func writeSubnet(
    _ writer: DHCPWriter, _ message: borrowing DHCPMessage, into actions: inout Actions
  ) throws(Malformed) {
    guard let subnet else { return }
    let network = subnet.network
    actions.put(
      DHCPOption.subnetMask, address: network.netmask, by: writer, from: .subnet(network))
    if let router = subnet.router {
      actions.put(DHCPOption.router, address: router, by: writer, from: .subnet(network))
    }
    writeDNS(writer, subnet, into: &actions)
    if let hostName {
      if try message.asks(for: DHCPOption.hostName) {
        actions.put(DHCPOption.hostName, hostName, by: writer, from: .machine(hostName))
      } else {
        actions.origins.note(.option(DHCPOption.hostName), .notAskedFor)
      }
    }
    if let domain = subnet.domain {
      actions.put(DHCPOption.domainName, domain, by: writer, from: .subnet(network))
    }
    if try message.asks(for: DHCPOption.broadcastAddress) {
      actions.put(
        DHCPOption.broadcastAddress, address: network.broadcast, by: writer, from: .subnet(network))
    } else {
      actions.origins.note(.option(DHCPOption.broadcastAddress), .notAskedFor)
    }
    for option in subnet.options {
      if try !message.asks(for: option.code) {
        actions.origins.note(.option(option.code), .notAskedFor)
      } else if isOurs(option.code) {
        actions.origins.note(.option(option.code), .overruled)
      } else {
        actions.put(option.code, option.value, by: writer, from: .operators(network))
      }
    }
  }

  /// Whether the reply says it already: an option sent twice is joined to one (RFC 3396 §7).
  private func isOurs(_ code: UInt8) -> Bool {
    switch code {
    case DHCPOption.bootFileName, DHCPOption.tftpServerName, DHCPOption.ipxe,
      DHCPOption.vendorClass, DHCPOption.vendorSpecific:
      boot != nil
    case DHCPOption.hostName: hostName != nil
    case DHCPOption.broadcastAddress: true
    default: false
    }
  }

  private func writeDNS(_ writer: DHCPWriter, _ subnet: Subnet, into actions: inout Actions) {
    guard let servers = subnet.dns else {
      return actions.put(DHCPOption.domainNameServer, address: server, by: writer, from: .ours)
    }
    guard !servers.isEmpty else { return }
    actions.origins.note(.option(DHCPOption.domainNameServer), .subnet(subnet.network))
    writer.option(DHCPOption.domainNameServer, addresses: servers, into: &actions.writer)
  }

  /// What must come back as it came: option 61 (RFC 6842), 97 (RFC 4578 §2.3), 118 where we heed it
  /// (RFC 3011 §2), and the relay's 82 unchanged and last (RFC 3046 §2.1).
  private static func mustEcho(_ code: UInt8, _ message: borrowing DHCPMessage) -> Bool {
    code != DHCPOption.subnetSelection || message.relayAddress != .unspecified
  }

  private static let echoed = [
    DHCPOption.clientIdentifier, DHCPOption.clientUUID, DHCPOption.subnetSelection,
    DHCPOption.relayAgentInformation,
  ]

  private static func echoedCount(_ message: borrowing DHCPMessage) throws(Malformed) -> Int {
    var count = 0
    for code in echoed where mustEcho(code, message) {
      count +=
        try message.withValue(of: code) { value throws(Malformed) -> Int? in
          value.byteCount + 2 * max(1, (value.byteCount + 254) / 255)
        } ?? 0
    }
    return count
  }

  /// - Throws: ``Malformed`` when what must be echoed leaves no room for the rest. Called before
  ///   anything is promised.
  static func checkEcho(of message: borrowing DHCPMessage) throws(Malformed) {
    // What every client needs: options 53, 54, 51, 58, 59, 1, 3 and 6, and END.
    let needed = 46
    let room = limit(message) - DHCPMessage.minimumCount - needed
    guard try echoedCount(message) <= room else {
      throw Malformed(.excessive("options to echo"), at: DHCPMessage.minimumCount)
    }
  }

  private static func echo(
    _ message: borrowing DHCPMessage, _ writer: DHCPWriter, into actions: inout Actions
  ) throws(Malformed) {
    for code in echoed where mustEcho(code, message) {
      _ = try message.withValue(of: code) { value throws(Malformed) -> Bool? in
        actions.origins.note(.option(code), .echoed(source(ofEcho: code)))
        writer.reservedOption(code, value, into: &actions.writer)
        return true
      }
    }
  }

  private static func source(ofEcho code: UInt8) -> String {
    switch code {
    case DHCPOption.clientIdentifier: "RFC 6842"
    case DHCPOption.clientUUID: "RFC 4578 \u{a7}2.3"
    case DHCPOption.subnetSelection: "RFC 3011 \u{a7}2"
    default: "RFC 3046 \u{a7}2.1"
    }
  }

  /// The most bytes of UDP payload that the client takes: option 57 counts the IP datagram, and
  /// says more than the wire carries (``Quirk/sizeIsOverstated``).
  private static func limit(_ message: borrowing DHCPMessage) -> Int {
    let headers = 28
    return min(max(Int(message.maximumMessageSize ?? 576), 576), 1500) - headers
  }
}
