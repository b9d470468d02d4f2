import Bytes
import Network
import Wire

/// One file by TFTP, as a client of RFC 1350 with options fetches it.
struct TFTPFetch: Sendable {
  let server: Endpoint
  let url: BootURL
  let dialect: TFTPDialect

  /// Whether the request that is out asks for the size only.
  private var isProbe: Bool
  private var port: UInt16 = 0
  /// The server's port of this transfer; nil: nothing came yet.
  private var peer: Endpoint?
  private var asked = TFTPOptionValues()
  private var blockSize = 512
  private var windowSize = 1
  /// Blocks taken, in order and without gaps.
  private var blocks = 0
  private var sinceAcknowledged = 0
  private var byteCount = 0
  private var head: [UInt8] = []
  /// What is sent again when nothing comes.
  private var last: [UInt8] = []
  private var attempt = 0
  private(set) var nextDeadline: Instant?

  init(_ url: BootURL, at server: IPv4Address, _ dialect: TFTPDialect) {
    self.url = url
    self.server = Endpoint(server, url.port)
    self.dialect = dialect
    isProbe = dialect.probeError != nil
  }

  mutating func begin(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) {
    port = station.freshPort()
    peer = nil
    request(at: now, station, into: &requests)
  }

  private mutating func request(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) {
    asked = TFTPOptionValues()
    var writer = ByteWriter()
    writer.write(TFTPOperation.readRequest.rawValue)
    writer.write((dialect.hasSlash && !url.path.hasPrefix("/") ? "/" : "") + url.path)
    writer.write("\u{0}octet\u{0}")
    for option in dialect.options {
      switch option {
      case .blockSize(let size):
        asked.blockSize = size
        writer.write("blksize\u{0}\(size)\u{0}")
      case .transferSize:
        if !isProbe, dialect.probeError != nil { continue }
        asked.transferSize = 0
        writer.write("tsize\u{0}0\u{0}")
      case .timeout(let seconds):
        asked.timeout = seconds
        writer.write("timeout\u{0}\(seconds)\u{0}")
      case .windowSize(let size):
        asked.windowSize = size
        writer.write("windowsize\u{0}\(size)\u{0}")
      }
    }
    last = writer.bytes
    attempt = 0
    sendLast(at: now, station, into: &requests)
  }

  private mutating func sendLast(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) {
    nextDeadline = now + dialect.patience[min(attempt, dialect.patience.count - 1)]
    requests.append(
      .datagram(from: Endpoint(station.address, port), to: peer ?? server, last))
  }

  mutating func timeout(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    attempt += 1
    guard attempt < dialect.patience.count else {
      return .missed(
        peer == nil
          ? "\(url): nobody answers its RRQ" : "\(url): the transfer stops after block \(blocks)")
    }
    sendLast(at: now, station, into: &requests)
    return nil
  }
}

// What comes.
extension TFTPFetch {
  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    guard datagram.destination.port == port, datagram.source.address == server.address else {
      return nil
    }
    if let peer, peer != datagram.source {
      // RFC 1350 §4: a packet of another transfer disturbs none.
      requests.append(
        .datagram(
          from: Endpoint(station.address, port), to: datagram.source,
          Self.error(.unknownTransfer, "unknown transfer")))
      return nil
    }
    do throws(Malformed) {
      let packet = try TFTPPacket(checking: datagram.payload.rawSpan)
      switch consume packet {
      case .optionAcknowledgement(let options):
        return granted(
          TFTPOptionValues(options), from: datagram.source, at: now, &station, into: &requests)
      case .data(let block, let payload):
        peer = datagram.source
        return take(block, payload, at: now, station, into: &requests)
      case .error(let code, let message):
        let text = String(decoding: message.octets(), as: UTF8.self)
        return .missed("\(url): ERROR \(code)" + (text.isEmpty ? "" : " \(text)"))
      case .readRequest, .writeRequest, .acknowledgement: return nil
      }
    } catch { return nil }
  }

  private mutating func granted(
    _ options: TFTPOptionValues, from source: Endpoint, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    // One that comes again is what was lost of our answer.
    guard blocks == 0 else { return nil }
    peer = source
    if let refusal = TransferRule.refusals(of: options, to: asked).first {
      requests.append(
        .datagram(
          from: Endpoint(station.address, port), to: source,
          Self.error(.optionsRefused, "option not asked for")))
      return .missed("\(url): the OACK is refused: \(refusal)")
    }
    if isProbe, let code = dialect.probeError {
      requests.append(
        .datagram(
          from: Endpoint(station.address, port), to: source,
          Self.error(
            TFTPErrorCode(rawValue: code) ?? .undefined, "User aborted the transfer")))
      isProbe = false
      begin(at: now, &station, into: &requests)
      return nil
    }
    blockSize = options.blockSize.map { Int(clamping: $0) } ?? 512
    windowSize = options.windowSize.map { Int($0) } ?? 1
    acknowledge(at: now, station, into: &requests)
    return nil
  }

  private mutating func take(
    _ block: UInt16, _ payload: RawSpan, at now: Instant, _ station: Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    // A server without options answers with the file itself.
    isProbe = false
    guard block == UInt16(truncatingIfNeeded: blocks + 1) else {
      // A gap is told once by the last block in order (RFC 7440 §4); what came before is not
      // acknowledged again, or every block would go twice from then on.
      if block &- UInt16(truncatingIfNeeded: blocks) < 0x8000, sinceAcknowledged >= 0 {
        acknowledge(at: now, station, into: &requests)
        sinceAcknowledged = -windowSize
      }
      return nil
    }
    blocks += 1
    sinceAcknowledged = max(sinceAcknowledged, 0) + 1
    byteCount += payload.byteCount
    if head.count < FetchedFile.mostKept { head += payload.octets() }
    let isLast = payload.byteCount < blockSize
    if isLast || sinceAcknowledged >= windowSize {
      acknowledge(at: now, station, into: &requests)
    } else {
      nextDeadline = now + dialect.patience[0]
    }
    guard isLast else { return nil }
    return .fetched(FetchedFile(url: url, byteCount: byteCount, head: head))
  }

  private mutating func acknowledge(
    at now: Instant, _ station: Station, into requests: inout [ClientRequest]
  ) {
    var writer = ByteWriter()
    TFTPPacket.encodeAcknowledgement(
      block: UInt16(truncatingIfNeeded: blocks), into: &writer)
    last = writer.bytes
    attempt = 0
    sinceAcknowledged = 0
    sendLast(at: now, station, into: &requests)
  }

  private static func error(_ code: TFTPErrorCode, _ message: String) -> [UInt8] {
    var writer = ByteWriter()
    code.encode(message, into: &writer)
    return writer.bytes
  }
}
