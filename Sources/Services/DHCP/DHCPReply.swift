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
      if boot != nil { header.serverAddress = server }
    } else if query.relay != .unspecified {
      // RFC 2131 §4.3.2: the relay must broadcast a NAK.
      header.flags |= 0x8000
    }
    let reserve = try Self.echoedCount(message)
    let writer = DHCPWriter(
      header, file: boot?.file ?? "", limit: Self.limit(message), reserve: reserve,
      into: &actions.writer)
    writer.option(DHCPOption.messageType, number: type.rawValue, into: &actions.writer)
    writer.option(
      DHCPOption.serverIdentifier, address: query.identifier(or: server), into: &actions.writer)
    if let text = self.message { writer.option(DHCPOption.message, text, into: &actions.writer) }
    writeLease(writer, into: &actions.writer)
    writeBoot(writer, into: &actions.writer)
    try writeSubnet(writer, message, into: &actions.writer)
    try Self.echo(message, writer, into: &actions.writer)
    // Its pads come after END (``Quirk/piReadsNoPads``).
    writer.finish(into: &actions.writer)
    let destination = Reply.Destination(
      to: query, type, yourAddress: yourAddress, wantsBroadcast: message.wantsBroadcast,
      port: clientPort)
    actions.append(
      .send(
        Reply(
          payload: actions.written(since: start), destination: destination,
          source: Endpoint(query.arrival.local, query.arrival.destination.port),
          interface: query.arrival.interface)))
  }

  private func writeLease(_ writer: DHCPWriter, into output: inout ByteWriter) {
    guard let leaseSeconds else { return }
    writer.option(DHCPOption.leaseTime, number: leaseSeconds, into: &output)
    // RFC 2131 §4.4.5: half of it, and seven eighths.
    writer.option(DHCPOption.renewalTime, number: leaseSeconds / 2, into: &output)
    writer.option(
      DHCPOption.rebindingTime, number: UInt32(UInt64(leaseSeconds) * 7 / 8), into: &output)
  }

  /// Option 67 is never last, because some firmware reads past its length; nor is 66.
  private func writeBoot(_ writer: DHCPWriter, into output: inout ByteWriter) {
    guard let boot else { return }
    if !boot.vendorClass.isEmpty {
      writer.option(DHCPOption.vendorClass, boot.vendorClass, into: &output)
    }
    if !boot.ipxe.isEmpty { writer.option(DHCPOption.ipxe, boot.ipxe, into: &output) }
    if boot.hasServerOption {
      writer.option(DHCPOption.tftpServerName, server.description, into: &output)
    }
    if boot.hasFileOption { writer.option(DHCPOption.bootFileName, boot.file, into: &output) }
    if !boot.vendorSpecific.isEmpty {
      writer.option(DHCPOption.vendorSpecific, boot.vendorSpecific, into: &output)
    }
  }

  private func writeSubnet(
    _ writer: DHCPWriter, _ message: borrowing DHCPMessage, into output: inout ByteWriter
  ) throws(Malformed) {
    guard let subnet else { return }
    writer.option(DHCPOption.subnetMask, address: subnet.network.netmask, into: &output)
    if let router = subnet.router {
      writer.option(DHCPOption.router, address: router, into: &output)
    }
    writeDNS(writer, subnet, into: &output)
    if let hostName, try message.asks(for: DHCPOption.hostName) {
      writer.option(DHCPOption.hostName, hostName, into: &output)
    }
    if let domain = subnet.domain {
      writer.option(DHCPOption.domainName, domain, into: &output)
    }
    if try message.asks(for: DHCPOption.broadcastAddress) {
      writer.option(DHCPOption.broadcastAddress, address: subnet.network.broadcast, into: &output)
    }
    for option in subnet.options where try message.asks(for: option.code) && !isOurs(option.code) {
      writer.option(option.code, option.value, into: &output)
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

  private func writeDNS(
    _ writer: DHCPWriter, _ subnet: Subnet, into output: inout ByteWriter
  ) {
    guard let servers = subnet.dns else {
      return writer.option(DHCPOption.domainNameServer, address: server, into: &output)
    }
    writer.option(DHCPOption.domainNameServer, addresses: servers, into: &output)
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
    _ message: borrowing DHCPMessage, _ writer: DHCPWriter, into output: inout ByteWriter
  ) throws(Malformed) {
    for code in echoed where mustEcho(code, message) {
      _ = try message.withValue(of: code) { value throws(Malformed) -> Bool? in
        writer.reservedOption(code, value, into: &output)
        return true
      }
    }
  }

  /// The most bytes of UDP payload that the client takes: option 57 counts the IP datagram, and
  /// says more than the wire carries (``Quirk/sizeIsOverstated``).
  private static func limit(_ message: borrowing DHCPMessage) -> Int {
    let headers = 28
    return min(max(Int(message.maximumMessageSize ?? 576), 576), 1500) - headers
  }
}
