/// A domain name, as names are compared: in wire form (RFC 1035 §3.1), ASCII letters in lower case.
///
/// It keeps its memory when it is cleared, so that a service reads every question's name into one
/// value and looks it up without allocating.
@frozen
package struct DomainName: Hashable, Sendable {
  /// Each label after its length, at last the root's 0.
  package private(set) var octets: [UInt8]

  /// The longest name in wire form (RFC 1035 §2.3.4).
  package static let longest = 255
  package static let longestLabel = 63

  /// The root.
  package init() {
    octets = [0]
    octets.reserveCapacity(Self.longest)
  }

  /// Becomes the root again; the memory is kept.
  package mutating func clear() {
    octets.removeAll(keepingCapacity: true)
    octets.append(0)
  }

  /// Appends a label, which stands before the root; false when it is no label or the name would
  /// grow too long.
  @discardableResult
  package mutating func append(label: some Collection<UInt8>) -> Bool {
    let count = label.count
    guard (1...Self.longestLabel).contains(count), octets.count + count + 1 <= Self.longest else {
      return false
    }
    octets[octets.count - 1] = UInt8(count)
    for octet in label { octets.append(Self.lower(octet)) }
    octets.append(0)
    return true
  }

  /// Appends all labels of `name`; false when it would grow too long.
  @discardableResult
  package mutating func append(_ name: DomainName) -> Bool {
    guard octets.count - 1 + name.octets.count <= Self.longest else { return false }
    octets.removeLast()
    octets.append(contentsOf: name.octets)
    return true
  }

  /// Appends one octet of a name that a codec has checked; the next is its neighbour on the wire.
  package mutating func appendChecked(_ octet: UInt8) { octets.append(Self.lower(octet)) }

  /// Begins a name that ``appendChecked(_:)`` will fill, root and all.
  package mutating func beginChecked() { octets.removeAll(keepingCapacity: true) }

  /// Becomes the whole name `octets`, which is in wire form and lower case; the memory is kept.
  package mutating func replace(with octets: ArraySlice<UInt8>) {
    self.octets.removeAll(keepingCapacity: true)
    self.octets.append(contentsOf: octets)
  }

  package var isRoot: Bool { octets.count == 1 }

  /// Where the label after the one at `start` begins.
  package func next(after start: Int) -> Int { start + 1 + Int(octets[start]) }

  /// Takes off the first label. The root stays the root.
  package mutating func dropFirstLabel() {
    guard !isRoot else { return }
    octets.removeFirst(1 + Int(octets[0]))
  }

  /// Whether it is `zone` or a name below it.
  package func isWithin(_ zone: DomainName) -> Bool {
    var start = 0
    while octets.count - start > zone.octets.count { start = next(after: start) }
    return octets[start...].elementsEqual(zone.octets)
  }

  /// Eight octets at a time: hashing them one by one takes longer than all else of a look-up.
  package func hash(into hasher: inout Hasher) {
    var word: UInt64 = 0
    for (index, octet) in octets.enumerated() {
      word = word << 8 | UInt64(octet)
      if index & 7 == 7 {
        hasher.combine(word)
        word = 0
      }
    }
    hasher.combine(word)
    hasher.combine(UInt8(truncatingIfNeeded: octets.count))
  }

  private static func lower(_ octet: UInt8) -> UInt8 {
    (0x41...0x5a).contains(octet) ? octet | 0x20 : octet
  }
}

extension DomainName {
  /// Reads a name of letters, digits, `-` and `_` in labels, with or without a dot at its end; nil
  /// for anything else.
  package init?(_ text: some StringProtocol) {
    self.init()
    let utf8 = Array(text.utf8)
    if utf8 == [UInt8(ascii: ".")] { return }
    let body = utf8.last == UInt8(ascii: ".") ? utf8.dropLast() : utf8[...]
    for label in body.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard Self.isLabel(label), append(label: label) else { return nil }
    }
  }

  /// The name `label` below `zone`.
  package init?(label: some Collection<UInt8>, in zone: DomainName) {
    self.init()
    guard append(label: label), append(zone) else { return nil }
  }

  /// Letters, digits and `-` but not at the ends (RFC 1123 §2.1), and `_` for services (RFC 2782).
  private static func isLabel(_ label: some Collection<UInt8>) -> Bool {
    isHostLabel(label.lazy.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "a") : $0 })
  }

  /// What a host may be called: letters, digits, and hyphens within (RFC 1123 §2.1).
  package static func isHostLabel(_ label: some Collection<UInt8>) -> Bool {
    let hyphen = UInt8(ascii: "-")
    guard (1...longestLabel).contains(label.count), label.first != hyphen else { return false }
    var last: UInt8 = 0
    for octet in label {
      switch octet {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, hyphen: last = octet
      default: return false
      }
    }
    return last != hyphen
  }
}

extension DomainName: CustomStringConvertible {
  /// With a dot at its end; octets that are no printable ASCII as `\DDD` (RFC 1035 §5.1).
  package var description: String {
    guard !isRoot else { return "." }
    var text = ""
    var start = 0
    while octets[start] != 0 {
      let end = next(after: start)
      for octet in octets[start + 1..<end] {
        if (0x21...0x7e).contains(octet), octet != UInt8(ascii: "."), octet != UInt8(ascii: "\\") {
          text.unicodeScalars.append(UnicodeScalar(octet))
        } else {
          text += "\\" + (octet < 100 ? "0" : "") + (octet < 10 ? "0" : "") + String(octet)
        }
      }
      text += "."
      start = end
    }
    return text
  }
}
