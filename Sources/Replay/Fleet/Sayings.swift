import Boot
import Bytes
import Network
import Services
import Wire

/// All that the appliance told one machine in a replay, and the rules that led to it, in order.
///
/// Bounded: whoever made a recording may have repeated one question for ever.
package struct Sayings: Hashable, Sendable {
  package private(set) var list: [Saying] = []
  /// The rules that were tried, once for each message that was decided on.
  package private(set) var decisions: [Decision] = []
  /// What is asked now, the same in two replays of one recording.
  var question = ""
  private var fetch = ModelFetch()

  package struct Decision: Hashable, Sendable {
    package let question: String
    package let reasons: [Reason]
  }

  private static let longest = 2000
  /// Octets of all texts together; of what comes after, length and digest are kept.
  private static let mostText = 2 << 20
  private var textCount = 0

  mutating func add(_ saying: Saying) {
    guard list.count < Self.longest else { return }
    var saying = saying
    if case .text(let octets) = saying.content {
      textCount += octets.count
      if textCount > Self.mostText { saying = saying.shortened }
    }
    list.append(saying)
  }

  /// Takes what a message led to; what it brought by HTTP or TFTP is told by the calls below.
  mutating func take(_ outcome: Outcome) {
    switch outcome {
    case .decided(let reasons):
      if decisions.count < Self.longest {
        decisions.append(Decision(question: question, reasons: reasons))
      }
    case .sent(let sent):
      if let reply = OwnReply(sent) { add(Saying(reply)) }
    case .responded, .respondedFile, .closed, .stored, .erased, .kept, .asked, .recorded: break
    }
  }

  /// - Parameter topic: `GET /boot.ipxe`.
  mutating func take(_ response: OwnResponse?, to topic: String) {
    guard let response else { return add(Saying(topic, .refusal("no response"))) }
    guard (200..<300).contains(response.status) else {
      return add(Saying(topic, .refusal("\(response.status)")))
    }
    add(Saying(topic, Saying.content(response.body, byteCount: response.byteCount)))
  }

  /// - Parameter name: Made safe to print.
  mutating func take(_ address: IPv4Address?, toQueryOf name: String) {
    add(Saying("query \(name)", .address(address)))
  }

  /// - Parameter refusal: The code of our ERROR.
  mutating func take(_ file: WorldFile?, refusal: UInt16?, of name: String) {
    let topic = "RRQ \(Escaped(name))"
    if let refusal { return add(Saying(topic, .refusal("ERROR \(refusal)"))) }
    guard let file else { return }
    add(Saying(topic, Saying.content(file.octets, byteCount: file.byteCount)))
  }

  /// Takes what happens between a model of the machine and its server.
  mutating func take(_ event: LinkEvent) {
    switch event {
    case .requested(_, let request):
      question = ModelFetch.topic(of: request) ?? "a datagram"
      fetch.begin(request).map { add($0) }
    case .done(_, let outcome):
      take(outcome)
      fetch.take(outcome)
    case .settled: fetch.end().map { add($0) }
    case .arrived, .due, .responded, .addressed, .stopped, .started, .counted: break
    }
  }
}

/// What a model of a machine fetches, one thing after the other, put together from what was sent.
private struct ModelFetch: Hashable, Sendable {
  private var topic: String?
  private var outcomes: [Outcome] = []
  private var isHead = false
  /// Of TFTP: the blocks so far, until they are too many for a text.
  private var octets: [UInt8]? = []
  private var byteCount = 0
  private var lastBlock: UInt16 = 0
  private var refusal: UInt16?

  /// - Returns: What the fetch before came to.
  mutating func begin(_ request: ClientRequest) -> Saying? {
    guard let topic = Self.topic(of: request) else { return nil }
    let last = end()
    self.topic = topic
    isHead = topic.hasPrefix("HEAD ")
    return last
  }

  mutating func take(_ outcome: Outcome) {
    guard topic != nil else { return }
    switch outcome {
    case .responded, .respondedFile: outcomes.append(outcome)
    case .sent(let sent): take(sent)
    case .closed, .stored, .erased, .kept, .decided, .asked, .recorded: break
    }
  }

  private mutating func take(_ sent: SentDatagram) {
    guard ![53, 67, 4011].contains(sent.source.port),
      let packet = try? TFTPPacket(checking: sent.payload.rawSpan)
    else { return }
    switch packet {
    case .error(let code, _): refusal = code
    case .data(let number, let bytes):
      guard number == lastBlock &+ 1 else { return }
      lastBlock = number
      byteCount += bytes.byteCount
      octets?.append(contentsOf: bytes.octets())
      if byteCount > Saying.longestText { octets = nil }
    case .readRequest, .writeRequest, .acknowledgement, .optionAcknowledgement: break
    }
  }

  /// - Returns: What was fetched; nil where nothing was.
  mutating func end() -> Saying? {
    defer { self = ModelFetch() }
    guard let topic else { return nil }
    guard topic.hasPrefix("RRQ ") else {
      var one = Sayings()
      one.take(OwnResponse(outcomes, isHead: isHead), to: topic)
      return one.list.first
    }
    if let refusal { return Saying(topic, .refusal("ERROR \(refusal)")) }
    return lastBlock == 0
      ? nil : Saying(topic, Saying.content(octets, byteCount: byteCount))
  }

  static func topic(of request: ClientRequest) -> String? {
    switch request {
    case .http(_, _, let octets):
      let words = octets.prefix { $0 != 0x0d }.split(separator: 0x20).prefix(2)
      return words.map { "\(Escaped(String(decoding: $0, as: UTF8.self)))" }.joined(separator: " ")
    case .datagram(_, let to, let payload):
      guard to.port == 69, let packet = try? TFTPPacket(checking: payload.rawSpan),
        case .readRequest(let request) = packet
      else { return nil }
      return "RRQ \(Escaped(String(decoding: request.name.octets(), as: UTF8.self)))"
    case .note, .hangUp: return nil
    }
  }
}
