import Boot
import Bytes
import Network
import Services
import Wire

extension Explanation {
  /// What came of one message.
  ///
  /// - Parameters:
  ///   - outcomes: Of that message alone.
  ///   - origins: Of the reply among them.
  package init(
    _ question: String, notes: [String] = [], _ outcomes: [Outcome], _ origins: [Origins.Note]
  ) {
    self.question = question
    self.notes = notes
    rules = outcomes.reasons.flatMap { $0 }.map { Rule(text: "\($0)", matches: $0.isMatch) }
    reply = outcomes.ownReply.map { Reply($0, origins) }
    events = outcomes.compactMap {
      guard case .recorded(let event) = $0 else { return nil }
      return event.fact.name + event.fact.fields.map { " \($0.name)=\($0.printed)" }.joined()
    }
    answers = []
  }
}

extension [Outcome] {
  /// The rules that were tried, for each decision that was made.
  package var reasons: [[Reason]] {
    compactMap { if case .decided(let reasons) = $0 { reasons } else { nil } }
  }

  /// The DHCP message of ours among them.
  var ownReply: OwnReply? {
    for case .sent(let sent) in self {
      if let reply = OwnReply(sent) { return reply }
    }
    return nil
  }
}

extension Explanation.Reply {
  init(_ reply: OwnReply, _ origins: [Origins.Note]) {
    type = DHCPText.name(reply.type)
    let hardware = reply.sent.hardware.map { " at \($0)" } ?? ""
    destination = "\(reply.sent.destination)\(hardware)"
    because = Self.texts(.destination, origins)
    parts = Self.fields(reply.meaning, origins) + Self.options(reply, origins)
  }

  private static func texts(_ part: Origins.Part, _ origins: [Origins.Note]) -> [String] {
    var texts: [String] = []
    for note in origins where note.part == part && !texts.contains("\(note.origin)") {
      texts.append("\(note.origin)")
    }
    return texts
  }

  private static func fields(
    _ meaning: DHCPMeaning, _ origins: [Origins.Note]
  ) -> [Explanation.Part] {
    var fields: [Explanation.Part] = []
    let header = meaning.header
    if header.yourAddress != .unspecified {
      fields.append(
        .init(
          name: "yiaddr (address)", value: "\(header.yourAddress)",
          origins: texts(.yourAddress, origins)))
    }
    if header.serverAddress != .unspecified {
      fields.append(
        .init(
          name: "siaddr (next server)", value: "\(header.serverAddress)",
          origins: texts(.nextServer, origins)))
    }
    let file = meaning.file.prefix { $0 != 0 }
    if !file.isEmpty {
      fields.append(
        .init(
          name: "file", value: Escaped(Array(file)).description, origins: texts(.file, origins)))
    } else if origins.contains(where: { $0.part == .file }) {
      fields.append(
        .init(name: "file", value: nil, origins: ["its 128 octets are too few for the name"]))
    }
    return fields
  }

  /// Those that are sent, in their order, then those that are not.
  private static func options(
    _ reply: OwnReply, _ origins: [Origins.Note]
  ) -> [Explanation.Part] {
    var parts = reply.meaning.options.map { option in
      Explanation.Part(
        name: DHCPText.option(option.code),
        value: option.code == DHCPOption.messageType
          ? DHCPText.name(reply.type) : DHCPText.value(option.code, option.value),
        origins: origins.filter { $0.part == .option(option.code) && !$0.origin.isAbsence }
          .map { "\($0.origin)" })
    }
    var named: Set<UInt8> = []
    for note in origins {
      guard case .option(let code) = note.part, reply.meaning[code] == nil,
        named.insert(code).inserted
      else { continue }
      let reason =
        note.origin.isAbsence
        ? "\(note.origin)" : "no room in what the client takes; else \(note.origin)"
      parts.append(.init(name: DHCPText.option(code), value: nil, origins: [reason]))
    }
    return parts
  }
}
