import Bytes
import Network
import Wire

// One message each: what reads it, and what writes it again.
extension FuzzTarget {
  static func takeDHCP(_ octets: [UInt8]) throws(BrokenPromise) {
    guard (try? DHCPMeaning.readAll(octets)) != nil, let meaning = meaning(octets) else { return }
    // A name of 128 bytes has no room for its NUL, and what is no text is not written as one.
    guard meaning.file.count < 128, String(validating: meaning.file, as: UTF8.self) != nil
    else { return }
    let again = Self.meaning(meaning.encoded())
    try BrokenPromise.unless(again == meaning, "written again, a message says something else")
  }

  static func meaning(_ octets: [UInt8]) -> DHCPMeaning? {
    guard let message = try? DHCPMessage(checking: octets.rawSpan) else { return nil }
    return try? DHCPMeaning(message)
  }

  static func takeTFTP(_ octets: [UInt8]) throws(BrokenPromise) {
    guard let packet = try? TFTPPacket(checking: octets.rawSpan) else { return }
    switch packet {
    case .readRequest(let request), .writeRequest(let request):
      var writer = ByteWriter()
      let asked = TFTPOptionValues(request.options)
      let name = request.name.octets()
      TFTPPacket.encodeRequest(.readRequest, name: name, options: asked, into: &writer)
      guard case .readRequest(let again) = try? TFTPPacket(checking: writer.bytes.rawSpan) else {
        throw BrokenPromise(description: "a request that we wrote is none")
      }
      let values = TFTPOptionValues(again.options)
      let isSame = again.name.octets() == name && values == asked
      try BrokenPromise.unless(isSame, "written again, a request asks for something else")
    case .optionAcknowledgement(let options):
      var writer = ByteWriter()
      TFTPOptionValues(options).encodeAcknowledgement(into: &writer)
      _ = NetASCII.encode(octets)
    case .data, .acknowledgement, .error: break
    }
  }

  static func takeDNS(_ octets: [UInt8]) throws(BrokenPromise) {
    var name = DomainName()
    guard let header = try? DNSHeader(decoding: octets.rawSpan) else { return }
    if let query = try? DNSQuery(header, checking: octets.rawSpan) {
      let isRead = (try? query.readName(into: &name)) != nil
      try BrokenPromise.unless(isRead, "a name that was checked cannot be read")
    }
    if let reply = try? DNSReply(checking: octets.rawSpan) {
      _ = try? reply.readName(into: &name)
      _ = try? reply.edns
      try? reply.eachRecord { record, _ throws(Malformed) in
        _ = try DNSNameReader.read(octets.rawSpan, at: record.start, into: &name)
        _ = try? DNSNameReader.read(octets.rawSpan, at: record.dataStart, into: &name)
      }
    }
    _ = DomainName(name.description)
  }

  static func takeHTTPHead(_ octets: [UInt8]) throws(BrokenPromise) {
    let whole = head(octets, step: max(1, octets.count))
    let split = head(octets, step: 1)
    try BrokenPromise.unless(whole == split, "\(whole) at once, \(split) octet by octet")
  }

  /// What a head comes to that arrives in parts.
  private static func head(_ octets: [UInt8], step: Int) -> String {
    var scanner = HTTPHeadScanner()
    let limits = HTTPLimits()
    var count = 0
    do throws(HTTPRefusal) {
      repeat {
        count = min(octets.count, count + step)
        guard
          let end = try scanner.scan(octets.rawSpan.extracting(0..<count), limits: limits)
        else { continue }
        let head = try HTTPRequestHead(
          checking: octets.rawSpan.extracting(0..<end), limits: limits)
        let counts = [
          head.range.byteCount, head.ifRange.byteCount, head.ifNoneMatch.byteCount,
          head.ifModifiedSince.byteCount,
        ]
        return "\(end) \(head.method) \(head.path.octets()) \(head.query.octets()) "
          + "\(head.contentLength) \(head.keepsAlive) \(counts)"
      } while count < octets.count
      return "more"
    } catch {
      return "\(error.status)"
    }
  }

  /// Frames behind the first octet, which says what link they are of.
  static func takeLink(_ octets: [UInt8]) {
    let links: [LinkType] = [
      .ethernet, .linuxCooked, .linuxCooked2, .rawIP, .loopback, .other(105),
    ]
    let frame = Array(octets.dropFirst())
    let span = frame.rawSpan
    let link = links[Int(octets.first ?? 0) % links.count]
    _ = try? EthernetFrame(checking: span)
    _ = try? ARPPacket(decoding: span)
    _ = try? RouterMessage(checking: span)
    guard let head = try? LinkHead(checking: span, link) else { return }
    let bytes = span.extracting(head.length..<frame.count)
    _ = try? IPv4Packet(checking: bytes)
    guard let packet = try? IPv4Packet(checking: bytes, asCaptured: true) else { return }
    _ = try? UDPDatagram(reading: packet.payload)
    _ = try? TCPSegment(reading: packet.payload)
  }
}
