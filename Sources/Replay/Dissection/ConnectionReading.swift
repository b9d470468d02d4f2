import Network
import Wire

/// Makes of the connections of a capture those that spoke HTTP.
struct ConnectionReading {
  let frames: [Frame]
  let times: [Instant]
  let headLimit: Int
  var budget: Int
  private(set) var connections: [RecordedConnection] = []
  private(set) var usedFrameCount = 0
  /// Connections that spoke something else.
  private(set) var otherCount = 0
  /// Where frames hold what is no body.
  private(set) var heads: [Place] = []
  /// What of these is a token or a credential.
  private(set) var secrets: [Place] = []

  init(frames: [Frame], times: [Instant], headLimit: Int, budget: Int) {
    self.frames = frames
    self.times = times
    self.headLimit = headLimit
    self.budget = budget
  }

  mutating func read(_ assembly: ConnectionAssembly, _ remarks: inout Remarks) {
    var assembly = assembly
    assembly.settle()
    let sides = assembly.sides
    if sides.allSatisfy(\.stream.isEmpty) { return }
    let own = Self.client(sides)
    let client = sides[own]
    let server = sides[1 - own]
    let sent = RecordedStream(client.stream, frames)
    switch Self.language(sent.octets) {
    case .http: break
    case .tls:
      otherCount += 1
      return remarks.addOnce(.connection, "HTTPS to \(server.endpoint): not readable")
    case .other:
      otherCount += 1
      return
    }
    usedFrameCount += assembly.frameCount
    var conversation = HTTPConversation(frames: frames, times: times, headLimit: headLimit)
    conversation.readRequests(sent, &budget)
    conversation.readResponses(RecordedStream(server.stream, frames), &budget)
    heads += conversation.heads
    secrets += conversation.secrets
    let gaps = gaps(client.stream, "client") + gaps(server.stream, "server")
    let name = "\(client.endpoint) to \(server.endpoint)"
    for gap in gaps { remarks.add(.connection, "\(name): \(gap)") }
    for complaint in conversation.complaints { remarks.add(.http, "\(name): \(complaint)") }
    if !client.isOpener {
      remarks.add(
        .connection,
        "\(name): begins in the midst, with packet \(frames[assembly.frame].number)")
    }
    connections.append(
      RecordedConnection(
        frame: frames[assembly.frame].number, opened: times[assembly.frame],
        clientHardware: client.hardware, client: client.endpoint, server: server.endpoint,
        exchanges: conversation.exchanges, gaps: gaps))
  }

  /// The one that opened; else the one that does not answer; else the one that spoke first.
  private static func client(_ sides: [ConnectionAssembly.Side]) -> Int {
    if sides[0].isOpener != sides[1].isOpener { return sides[0].isOpener ? 0 : 1 }
    if sides[0].stream.hasStart != sides[1].stream.hasStart {
      return sides[0].stream.hasStart ? 1 : 0
    }
    let first = sides.map { $0.stream.firstFrame ?? .max }
    return first[0] <= first[1] ? 0 : 1
  }

  private enum Language { case http, tls, other }

  /// Judged by the first line of what the client sent.
  private static func language(_ octets: [UInt8]) -> Language {
    if octets.count >= 2, octets[0] == 0x16, octets[1] == 3 { return .tls }
    let start = octets.prefix(8).firstIndex { $0 != 0x0d && $0 != 0x0a } ?? 0
    let line = octets[start...].prefix(16_384).prefix { $0 != 0x0a }
    guard let space = line.prefix(33).firstIndex(of: 0x20), space > start,
      line[..<space].allSatisfy(RecordedHead.isToken)
    else { return .other }
    let known = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH", "CONNECT"]
    let method = String(decoding: line[..<space], as: UTF8.self)
    // Other protocols begin with a word and a space too: EHLO, USER, PASS.
    guard !known.contains(method) else { return .http }
    return RecordedHead(Array(line)).request == nil ? .other : .http
  }

  private func gaps(_ stream: StreamAssembly, _ side: String) -> [String] {
    let limit = 16
    var texts = stream.gaps.prefix(limit).map { gap in
      let bytes = gap.count == 1 ? "1 byte" : "\(gap.count) bytes"
      let place = gap.before.map { "before packet \(frames[$0].number)" } ?? "at its end"
      return "\(bytes) from the \(side) \(place) \(gap.count == 1 ? "is" : "are") missing"
    }
    if stream.gaps.count > limit {
      texts.append("\(stream.gaps.count - limit) more gaps in what the \(side) sent")
    }
    return texts
  }
}
