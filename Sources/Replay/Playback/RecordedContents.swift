import Bytes
import Network
import Wire

/// What a recording holds of files, by the names that machines asked for.
struct RecordedContents: Sendable {
  private var byName: [String: WorldFile] = [:]

  init(_ recording: Recording) {
    for transfer in recording.transfers { take(transfer) }
    for connection in recording.connections {
      for exchange in connection.exchanges { take(exchange) }
    }
  }

  /// The file of a name; nil where nobody was given one.
  subscript(name: String) -> WorldFile? { byName[Self.key(name)] }

  private mutating func take(_ transfer: RecordedTransfer) {
    switch transfer.ending {
    case .refused, .unanswered: return
    case .completed, .probed, .aborted, .cut: break
    }
    let size =
      transfer.content.byteCount ?? transfer.granted?.transferSize.map { Int(clamping: $0) }
    keep(String(decoding: transfer.name, as: UTF8.self), transfer.content, size)
  }

  private mutating func take(_ exchange: RecordedExchange) {
    guard let response = exchange.response, (200..<300).contains(response.status) else { return }
    keep(exchange.target, response.content, response.content.byteCount)
  }

  /// The more that is known of a file, the better; of equals the last.
  private mutating func keep(_ name: String, _ content: RecordedContent, _ size: Int?) {
    let key = Self.key(name)
    let isWhole = size == content.octets.count && !content.isElided
    let byteCount = min(size ?? content.octets.count, Self.largest)
    if let known = byName[key], known.octets != nil && !isWhole || known.byteCount > byteCount {
      return
    }
    byName[key] = WorldFile(byteCount: byteCount, octets: isWhole ? content.octets : nil)
  }

  /// What a Content-Length or tsize may claim; nobody boots from more.
  private static let largest = 1 << 33

  /// Names of TFTP and paths of HTTP, with and without a slash at their beginning.
  private static func key(_ name: String) -> String {
    String(name.drop { $0 == "/" })
  }
}

extension RecordedName {
  /// The names that the answers of a recording give one address of.
  static func all(_ datagrams: [RecordedDatagram]) -> [RecordedName] {
    var names: [RecordedName] = []
    for datagram in datagrams where datagram.source.port == 53 {
      guard names.count < 1024, let name = RecordedName(answer: datagram.payload) else { continue }
      if !names.contains(where: { $0.name == name.name }) { names.append(name) }
    }
    return names
  }

  /// The question's name with the first address among the answers.
  init?(answer: [UInt8]) {
    let bytes = answer.rawSpan
    guard let header = try? DNSHeader(decoding: bytes), header.isResponse,
      header.questionCount == 1, header.answerCount > 0,
      let end = try? DNSNameReader.skip(bytes, at: DNSHeader.byteCount)
    else { return nil }
    var name = DomainName()
    guard (try? DNSNameReader.read(bytes, at: DNSHeader.byteCount, into: &name)) != nil else {
      return nil
    }
    var walk = DNSRecordWalk(bytes, at: end + 4)
    for _ in 0..<header.answerCount {
      guard let record = try? walk.next() else { return nil }
      guard record.type == DNSType.a, record.dataCount == 4 else { continue }
      let data = record.dataStart
      self.init(
        name: name,
        address: IPv4Address(answer[data], answer[data + 1], answer[data + 2], answer[data + 3]))
      return
    }
    return nil
  }
}
