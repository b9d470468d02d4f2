/// How often each event happened since the start.
package struct Counters: Sendable {
  private var counts: [String: Int] = [:]

  /// Most names counted: what is wrong with packets is named by our own words, and still bounded.
  package static let limit = 512

  package init() {}

  /// Counts an event, and of malformed packets also what is wrong with them, wherever it stands:
  /// `packet.malformed dhcp invalid hlen`.
  package mutating func count(_ fact: Fact) {
    counts[fact.name, default: 0] += 1
    guard case .packetMalformed(let service, let reason) = fact else { return }
    let place = reason.utf8.lastIndex(of: UInt8(ascii: " ")).flatMap { digits in
      reason[..<digits].hasSuffix(" at byte") ? reason[..<digits].dropLast(8) : nil
    }
    let name = "\(fact.name) \(service.rawValue) \(place ?? reason[...])"
    guard counts[name] != nil || counts.count < Self.limit else { return }
    counts[name, default: 0] += 1
  }

  /// By name, sorted.
  package var all: [(name: String, count: Int)] {
    counts.sorted { $0.key < $1.key }.map { (name: $0.key, count: $0.value) }
  }
}
