/// What is wrong with a capture, in words, a few of every kind.
struct Remarks: Sendable {
  enum Kind: Int, CaseIterable, Sendable {
    case link, cut, malformed, checksum, clock, fragment, datagram, transfer, connection, http,
      limit

    var name: String {
      switch self {
      case .link: "frames of a link type that is not read"
      case .cut: "cut packets"
      case .malformed: "malformed packets"
      case .checksum: "wrong IPv4 head checksums"
      case .clock: "times that go backwards"
      case .fragment: "fragments without their others"
      case .datagram: "datagrams that are not what their port says"
      case .transfer: "remarks on TFTP"
      case .connection: "remarks on TCP connections"
      case .http: "remarks on HTTP"
      case .limit: "things over a limit"
      }
    }
  }

  private var lines: [String] = []
  private var counts = [Int](repeating: 0, count: Kind.allCases.count)
  private static let limit = 8

  mutating func add(_ kind: Kind, _ text: @autoclosure () -> String) {
    counts[kind.rawValue] += 1
    guard counts[kind.rawValue] <= Self.limit else { return }
    lines.append(text())
  }

  /// As ``add(_:_:)``, but says the same thing once.
  mutating func addOnce(_ kind: Kind, _ text: String) {
    guard !lines.contains(text) else { return }
    add(kind, text)
  }

  var texts: [String] {
    lines
      + Kind.allCases.compactMap { kind in
        let more = counts[kind.rawValue] - Self.limit
        return more > 0 ? "\(more) more \(kind.name)" : nil
      }
  }
}
