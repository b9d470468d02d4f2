import Boot
import Network
import Wire

/// Something that the appliance told a machine in a replay, with what asked for it.
package struct Saying: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case reply(DHCPMessageType, DHCPMeaning, to: Endpoint)
    /// A script, a menu or an answer file.
    case text([UInt8])
    /// What is no text: the same name is the same file on both sides. `digest` is that of a text that
    /// is too long to be kept; nil for all else, whose length tells enough.
    case file(byteCount: Int, digest: UInt64?)
    /// The address that a name has; nil: it has none, or nobody answered.
    case address(IPv4Address?)
    /// It was not given: `404`, `ERROR 1`.
    case refusal(String)
  }

  /// What was asked for, the same in two replays of one recording: `OFFER`, `GET /boot.ipxe`.
  package let topic: String
  package let content: Content

  /// The longest text that is kept, in octets; of longer ones the length is.
  static let longestText = 64 << 10

  init(_ topic: String, _ content: Content) {
    self.topic = topic
    self.content = content
  }

  init(_ reply: OwnReply) {
    let place = reply.sent.source.port == 4011 ? " on port 4011" : ""
    topic = DHCPText.name(reply.type) + place
    content = .reply(reply.type, reply.meaning, to: reply.sent.destination)
  }

  /// A body of HTTP or a file of TFTP; `octets` are nil where they are not known.
  static func content(_ octets: [UInt8]?, byteCount: Int) -> Content {
    guard let octets else { return .file(byteCount: byteCount, digest: nil) }
    return text(octets).map { .text($0) } ?? .file(byteCount: byteCount, digest: digest(octets))
  }

  /// Where only the length and the digest of a text are to be kept.
  var shortened: Saying {
    guard case .text(let octets) = content else { return self }
    return Saying(topic, .file(byteCount: octets.count, digest: Self.digest(octets)))
  }

  /// The same in every process (FNV-1a): `Hasher` would not be.
  private static func digest(_ octets: [UInt8]) -> UInt64 {
    octets.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  /// What is read of a script, a menu or an answer file; nil for a program and all that is long.
  static func text(_ octets: [UInt8]) -> [UInt8]? {
    guard octets.count <= longestText else { return nil }
    let text = octets.starts(with: imageMagic) ? Array(octets.dropFirst(imageHead)) : octets
    let isText = text.allSatisfy { $0 >= 0x20 && $0 != 0x7f || [0x09, 0x0a, 0x0d].contains($0) }
    return isText && String(validating: text, as: UTF8.self) != nil ? text : nil
  }

  /// U-Boot's script stands in an image: a head of 64 octets, and the lengths of the script and of
  /// nothing more.
  private static let imageMagic: [UInt8] = [0x27, 0x05, 0x19, 0x56]
  private static let imageHead = 72
}
