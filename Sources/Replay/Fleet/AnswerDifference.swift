import Boot
import Network
import Wire

/// One thing that a machine is told otherwise by one configuration than by another.
package struct AnswerDifference: Hashable, Sendable {
  /// Where: `OFFER`, `GET /boot.ipxe`.
  package let place: String
  /// Which part of it: `option 3 (router)`; a text differs as a whole.
  package let part: Part
  package let was: String
  package let willBe: String

  package enum Part: Hashable, Sendable {
    /// It is answered, or it is not.
    case whole
    case address
    case nextServer
    case bootFile(inOption: Bool)
    case destination
    case option(UInt8)
    /// A text; the lines that differ stand in `willBe`.
    case text
    case file
    /// The address of a name.
    case name
    /// What it fetches next.
    case fetch
  }
}

extension AnswerDifference.Part: CustomStringConvertible {
  package var description: String {
    switch self {
    case .whole: "reply"
    case .address: "yiaddr (address)"
    case .nextServer: "siaddr (next server)"
    case .bootFile(let inOption): inOption ? "option 67 (boot file)" : "file (boot file)"
    case .destination: "destination"
    case .option(let code): DHCPText.option(code)
    case .text: "text"
    case .file: "file"
    case .name: "address"
    case .fetch: "fetch"
    }
  }
}

extension AnswerDifference: CustomStringConvertible {
  /// `OFFER option 3 (router): 10.0.0.1 → 10.0.0.254`.
  package var description: String {
    switch part {
    case .text: "\(place) says otherwise"
    case .whole, .name: "\(place): \(was) \u{2192} \(willBe)"
    case .fetch: "then it fetches \(was) \u{2192} \(willBe)"
    case .address, .nextServer, .bootFile, .destination, .option, .file:
      "\(place) \(part): \(was) \u{2192} \(willBe)"
    }
  }

  /// The lines of a text that differ, each with `-` or `+`; none for all else.
  package var lines: [String] {
    part == .text ? willBe.split(separator: "\n").map(String.init) : []
  }

  /// Whether a machine boots the same way whatever stands here: how long it keeps its address.
  package var isOfLeaseTime: Bool {
    switch part {
    case .option(let code): [51, 58, 59].contains(code)
    case .whole, .address, .nextServer, .bootFile, .destination, .text, .file, .name, .fetch: false
    }
  }
}

extension AnswerDifference {
  /// Of all that two replays of one recording told one machine.
  ///
  /// Answers are held against each other by what asked for them: the first OFFER against the first
  /// OFFER. The same difference is told once, for an ACK says what its OFFER said. Bounded.
  static func all(from old: Sayings, to new: Sayings) -> [AnswerDifference] {
    var gatherer = Gatherer()
    let (before, after) = (byTopic(old), byTopic(new))
    for saying in new.list.map(\.topic).unique(and: old.list.map(\.topic)) {
      gatherer.compare(before[saying] ?? [], after[saying] ?? [], saying)
    }
    gatherer.compareFetches(old, new, isShared: { before[$0] != nil && after[$0] != nil })
    return gatherer.found
  }

  private static func byTopic(_ sayings: Sayings) -> [String: [Saying.Content]] {
    Dictionary(grouping: sayings.list, by: \.topic).mapValues { $0.map(\.content) }
  }
}

extension [String] {
  /// Each once: ours in their order, then the others' that are not among them.
  fileprivate func unique(and others: [String]) -> [String] {
    var seen: Set<String> = []
    return (self + others).filter { seen.insert($0).inserted }
  }
}

private struct Gatherer {
  private(set) var found: [AnswerDifference] = []
  private var known: Set<Key> = []

  private struct Key: Hashable {
    let part: AnswerDifference.Part
    let was: String
    let now: String
  }

  private static let most = 24
  private static let mostLines = 16

  private mutating func add(
    _ place: String, _ part: AnswerDifference.Part, _ was: String, _ now: String
  ) {
    guard found.count < Self.most,
      known.insert(Key(part: part, was: was, now: now)).inserted
    else { return }
    found.append(AnswerDifference(place: place, part: part, was: was, willBe: now))
  }

  mutating func compare(_ old: [Saying.Content], _ new: [Saying.Content], _ topic: String) {
    for (there, here) in zip(old, new) where there != here { compare(there, here, topic) }
    // What is asked again because of no answer is one difference, and fetches are told below.
    guard old.isEmpty != new.isEmpty, (old + new).contains(where: \.isReply) else { return }
    add(topic, .whole, old.isEmpty ? "not sent" : "sent", new.isEmpty ? "not sent" : "sent")
  }

  private mutating func compare(_ old: Saying.Content, _ new: Saying.Content, _ topic: String) {
    switch (old, new) {
    case (.reply(let type, let there, let from), .reply(let other, let here, let to)):
      if type == other { compare(there, here, from, to, topic) }
    case (.text(let there), .text(let here)): compare(there, here, topic)
    case (.address, .address): add(topic, .name, old.summary, new.summary)
    case (.file(let was, _), .file(let now, _)) where was == now:
      add(topic, .file, old.summary, "\(new.summary) of another content")
    case (_, _): add(topic, .file, old.summary, new.summary)
    }
  }

  private mutating func compare(_ old: [UInt8], _ new: [UInt8], _ topic: String) {
    let difference = TextDifference(
      from: String(decoding: old, as: UTF8.self), to: String(decoding: new, as: UTF8.self))
    var lines = difference.lines.filter { $0.hasPrefix("-") || $0.hasPrefix("+") }
      .map { Self.visible($0) }
    if lines.count > Self.mostLines {
      lines = lines.prefix(Self.mostLines) + ["+ and \(lines.count - Self.mostLines) more lines"]
    }
    add(topic, .text, "", lines.joined(separator: "\n"))
  }

  /// A line without what a terminal would obey.
  private static func visible(_ line: String) -> String {
    String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 }))
  }

  private mutating func compare(
    _ old: DHCPMeaning, _ new: DHCPMeaning, _ from: Endpoint, _ to: Endpoint, _ topic: String
  ) {
    func shown(_ address: IPv4Address) -> String {
      address == .unspecified ? "none" : "\(address)"
    }
    func file(_ name: String) -> String { name.isEmpty ? "none" : "\(Escaped(name))" }
    let (was, now) = (old.header, new.header)
    if was.yourAddress != now.yourAddress {
      add(topic, .address, shown(was.yourAddress), shown(now.yourAddress))
    }
    if was.serverAddress != now.serverAddress {
      add(topic, .nextServer, shown(was.serverAddress), shown(now.serverAddress))
    }
    if old.bootFileName != new.bootFileName {
      let inOption = [old, new].contains { $0[DHCPOption.bootFileName] != nil }
      add(
        topic, .bootFile(inOption: inOption), file(old.bootFileName), file(new.bootFileName))
    }
    if from != to, was.yourAddress == now.yourAddress {
      add(topic, .destination, "\(from)", "\(to)")
    }
    compareOptions(old, new, topic)
  }

  private mutating func compareOptions(_ old: DHCPMeaning, _ new: DHCPMeaning, _ topic: String) {
    let codes = Set((old.options + new.options).map(\.code)).sorted()
    for code in codes where code != DHCPOption.messageType && old[code] != new[code] {
      // The boot file is told above, wherever it stands.
      if code == DHCPOption.bootFileName, old.bootFileName != new.bootFileName { continue }
      add(topic, .option(code), Self.value(code, old[code]), Self.value(code, new[code]))
    }
  }

  private static func value(_ code: UInt8, _ octets: [UInt8]?) -> String {
    guard let octets else { return "none" }
    guard [51, 58, 59].contains(code), octets.count == 4 else {
      return DHCPText.value(code, octets)
    }
    return duration(octets.reduce(0) { $0 << 8 | UInt32($1) })
  }

  /// As the configuration writes it: `1h`, `90s`.
  private static func duration(_ seconds: UInt32) -> String {
    for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "m")] as [(UInt32, String)]
    where seconds >= unit && seconds % unit == 0 {
      return "\(seconds / unit)\(name)"
    }
    return "\(seconds)s"
  }

  /// Where two boots fetch different things, the first of each says where they part.
  mutating func compareFetches(
    _ old: Sayings, _ new: Sayings, isShared: (String) -> Bool
  ) {
    func first(_ sayings: Sayings) -> Saying? {
      sayings.list.first { !$0.content.isReply && !isShared($0.topic) }
    }
    let (there, here) = (first(old), first(new))
    guard there != nil || here != nil else { return }
    func shown(_ saying: Saying?) -> String {
      saying.map { "\(Self.visible($0.topic)) (\($0.content.summary))" } ?? "nothing more"
    }
    add("fetch", .fetch, shown(there), shown(here))
  }
}

extension Saying.Content {
  fileprivate var isReply: Bool {
    switch self {
    case .reply: true
    case .text, .file, .address, .refusal: false
    }
  }

  fileprivate var summary: String {
    switch self {
    case .reply(let type, _, _): DHCPText.name(type)
    case .text(let octets): "\(octets.count) bytes of text"
    case .file(let count, _): "\(count) bytes"
    case .address(let address): address.map { "\($0)" } ?? "no address"
    case .refusal(let text): text
    }
  }
}
