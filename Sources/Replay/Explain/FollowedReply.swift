import Boot
import Bytes
import Network
import Services
import Wire

/// Goes where a DHCP reply leads, as the machine would: its boot file, then what the program in it
/// asks for, then what a script of ours names. Asks the services, and knows no answer itself.
struct FollowedReply {
  private var appliance: VirtualAppliance
  private let vantage: Vantage
  private let time: Instant
  private let client: IPv4Address
  private let machine: MACAddress
  private var ports: UInt16 = 2000
  private(set) var answers: [Explanation.Answer] = []

  /// Files that one script is followed to.
  private static let limit = 16

  /// - Parameter appliance: As it is after the reply.
  init(
    _ reply: OwnReply, _ reasons: [Reason], after appliance: VirtualAppliance,
    from vantage: Vantage, at now: Instant
  ) {
    self.appliance = appliance
    self.vantage = vantage
    time = now
    let header = reply.meaning.header
    machine = header.hardwareAddress.macAddress ?? .zero
    // Beside another server its address is that one's to say; RFC 5737 has one for examples.
    client =
      [header.yourAddress, header.clientAddress].first { $0 != .unspecified }
      ?? IPv4Address(192, 0, 2, 254)
    let file = reply.meaning.bootFileName
    if !file.isEmpty { follow(file) }
    ask(after: reasons.last, givesAddress: header.yourAddress != .unspecified)
  }

  private mutating func follow(_ file: String) {
    guard let path = Self.path(file, on: vantage.local) else {
      if file.contains("://") { return add(file, "another server's") }
      return fetch(file)
    }
    get(path)
  }

  /// What the program asks for that the last rule chose.
  private mutating func ask(after reason: Reason?, givesAddress: Bool) {
    let script = givesAddress ? "/boot.ipxe" : "/boot.ipxe?mac=\(machine.dashed)"
    switch reason {
    case .loaderChosen(let loader):
      switch loader.set {
      case .ipxe, .snponly: get(script)
      case .signed: fetch("grub/grub.cfg-01-\(machine.dashed)")
      }
    case .namesItsFiles:
      guard let serial = appliance.dhcp.sightings[machine]?.serial else { return }
      for name in ["config.txt", "start4.elf"] { fetch("\(serial)/\(name)") }
    case .scriptForIPXE, .machineNamed, .machineUnlisted, .profileNamed, .profileMatched,
      .profileMissed, .profileElsewhere, .profileDefault, .profileAbsent, .ignoredByPolicy,
      .notBooting, .localBoot,
      .loaderAbsent, .architectureUnknown, .menuChosen, .menuLacks, .armed, .firstContact,
      .notArmed, .armedElsewhere, nil:
      break
    }
  }

  private mutating func add(_ request: String, _ answer: String, _ text: String? = nil) {
    answers.append(Explanation.Answer(request: request, answer: answer, text: text))
  }

  /// The path of a URL of ours; nil for another's, and for a name.
  private static func path(_ text: String, on local: IPv4Address) -> String? {
    guard let scheme = text.firstRange(of: "://") else { return nil }
    let rest = text[scheme.upperBound...]
    let host = rest.prefix { $0 != "/" && $0 != ":" }
    guard host == local.description else { return nil }
    return String(rest.drop { $0 != "/" })
  }
}

// TFTP.
extension FollowedReply {
  private mutating func fetch(_ name: String) {
    ports += 1
    let request =
      [0, 1] + Array(name.utf8) + [0] + Array("octet\0tsize\u{0}0\0blksize\u{0}1468\0".utf8)
    let source = Endpoint(client, ports)
    var outcomes: [Outcome] = []
    appliance.receive(request, from: vantage.arrival(source, port: 69), at: time, into: &outcomes)
    guard case .sent(let sent)? = outcomes.first(where: \.isSent) else {
      return add("TFTP \(Escaped(name))", "no answer")
    }
    guard let size = Self.size(sent.payload) else {
      return add("TFTP \(Escaped(name))", TFTPText.answer(sent.payload))
    }
    let text =
      outcomes.contains(where: \.isRendering)
      ? read(from: sent.source.port, to: source, size) : nil
    add("TFTP \(Escaped(name))", "\(size) bytes", text)
  }

  private static func size(_ payload: [UInt8]) -> UInt64? {
    guard case .optionAcknowledgement(let options)? = try? TFTPPacket(checking: payload.rawSpan)
    else { return nil }
    return TFTPOptionValues(options).transferSize
  }

  /// Reads a text of ours to its end, block by block.
  private mutating func read(
    from port: UInt16, to source: Endpoint, _ size: UInt64
  ) -> String? {
    var text: [UInt8] = []
    var block: UInt16 = 0
    while text.count < size, block < 64 {
      var outcomes: [Outcome] = []
      appliance.receive(
        [0, 4, UInt8(block >> 8), UInt8(block & 255)],
        from: vantage.arrival(source, port: port), at: time, into: &outcomes)
      guard case .sent(let sent)? = outcomes.first(where: \.isSent), sent.payload.count > 4 else {
        break
      }
      text += sent.payload[4...]
      block += 1
    }
    return Self.printable(text)
  }

  /// A script may stand in an image of U-Boot's: then what is after its heads.
  private static func printable(_ octets: [UInt8]) -> String {
    let isImage = octets.starts(with: [0x27, 0x05, 0x19, 0x56])
    return String(decoding: isImage ? octets.dropFirst(72) : octets[...], as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .map { Self.safe($0) }.joined(separator: "\n")
  }

  /// An operator's text may hold what machines sent, and a script the token of an installation.
  private static func safe(_ line: Substring) -> String {
    let text = String(
      String.UnicodeScalarView(line.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
    return text.contains("/machines/") ? BootToken.masked(text) : text
  }
}

// HTTP.
extension FollowedReply {
  private mutating func get(_ target: String) {
    let outcomes = exchange("GET", target)
    guard let response = OwnResponse(outcomes, isHead: false) else {
      return add("GET \(Escaped(target))", "no answer")
    }
    guard response.status == 200 else {
      return add("GET \(Escaped(target))", Self.refusal(response.status))
    }
    let isScript = outcomes.contains(where: \.isRendering)
    let text = isScript ? response.body.map(Self.printable) : nil
    add("GET \(Escaped(target))", "\(response.byteCount) bytes", text)
    if let text { followScript(text) }
  }

  private static func refusal(_ status: Int) -> String {
    status == 404 ? "404, there is no such file" : "\(status)"
  }

  /// What the lines of an iPXE script load, as far as it is ours and holds no variable.
  private mutating func followScript(_ text: String) {
    let commands: Set<Substring> = ["kernel", "initrd", "imgfetch", "module", "chain"]
    var count = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let command = words.first, commands.contains(command), count < Self.limit,
        let word = words.dropFirst().first(where: { $0.contains("/") && !$0.hasPrefix("-") })
      else { continue }
      count += 1
      check(String(word))
    }
  }

  private mutating func check(_ url: String) {
    guard !url.contains("${") else { return add("HEAD \(Escaped(url))", "iPXE knows where") }
    let isWhole = url.contains("://")
    guard let path = isWhole ? Self.path(url, on: vantage.local) : url else {
      return add("HEAD \(Escaped(url))", "another server's")
    }
    let target = path.hasPrefix("/") ? path : "/\(path)"
    guard let response = OwnResponse(exchange("HEAD", target), isHead: true) else {
      return add("HEAD \(Escaped(target))", "no answer")
    }
    let length = Self.length(response.head)
    add(
      "HEAD \(Escaped(target))",
      response.status == 200
        ? length.map { "\($0) bytes" } ?? "is there"
        : Self.refusal(response.status))
  }

  private static func length(_ head: [UInt8]) -> Substring? {
    let name = "content-length:"
    return String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
      .first { $0.lowercased().hasPrefix(name) }?.dropFirst(name.utf8.count).drop { $0 == " " }
  }

  private mutating func exchange(_ method: String, _ target: String) -> [Outcome] {
    ports += 1
    let id = ConnectionID(UInt64(ports))
    appliance.connect(id, from: vantage.arrival(Endpoint(client, ports), port: 80))
    var outcomes: [Outcome] = []
    let head = "\(method) \(target) HTTP/1.1\r\nHost: \(vantage.local)\r\n\r\n"
    appliance.receive(Array(head.utf8), on: id, at: time, into: &outcomes)
    return outcomes
  }
}

extension Outcome {
  fileprivate var isSent: Bool { if case .sent = self { true } else { false } }

  /// Whether it tells of a text that was made for the machine.
  fileprivate var isRendering: Bool {
    guard case .recorded(let event) = self else { return false }
    return switch event.fact {
    case .scriptRendered, .menuRendered, .answerRendered: true
    case _: false
    }
  }
}
