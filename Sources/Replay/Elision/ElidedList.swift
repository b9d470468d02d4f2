import Bytes

/// The list beside an elided recording: of each file whether its bytes are still in it.
///
/// A line is `elided|kept COUNT[/TOTAL] SHA256|- NAME`; TOTAL stands where not all was recorded, and
/// is `?` where the recording does not say it. Lines that begin with # are for people.
package struct ElidedList: Hashable, Sendable {
  package struct Row: Hashable, Sendable {
    package let isKept: Bool
    /// Octets that were recorded.
    package let recordedCount: Int
    /// How long the file was; nil where the recording does not say.
    package let byteCount: Int?
    /// The SHA-256 of the original in lower case; nil where not all was recorded.
    package let digest: String?
    package let name: String
  }

  /// In the order of the recording; a file that was sent twice has two.
  package private(set) var rows: [Row] = []

  private static let mostRows = 131_072

  /// - Throws: At the beginning of the first line that is none.
  package init(reading octets: [UInt8]) throws(Malformed) {
    var offset = 0
    for line in octets.split(separator: 0x0a, omittingEmptySubsequences: false) {
      if !line.isEmpty, line.first != 0x23 {
        guard rows.count < Self.mostRows else { throw Malformed(.excessive("files"), at: offset) }
        guard let row = Row(line) else { throw Malformed(.invalid("line"), at: offset) }
        rows.append(row)
      }
      offset += line.count + 1
    }
  }
}

extension ElidedList.Row {
  fileprivate init?(_ line: ArraySlice<UInt8>) {
    let words = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4, let state = String(validating: words[0], as: UTF8.self),
      state == "kept" || state == "elided"
    else { return nil }
    let counts = words[1].split(separator: 0x2f, maxSplits: 1, omittingEmptySubsequences: false)
    guard let recorded = Self.number(counts[0]) else { return nil }
    let total: Int?
    switch counts.count {
    case 1: total = recorded
    case _ where counts[1].elementsEqual([0x3f]): total = nil
    case _:
      guard let number = Self.number(counts[1]) else { return nil }
      total = number
    }
    let isDigest = words[2].count == 64 && words[2].allSatisfy(Self.isHexadecimal)
    guard isDigest || words[2].elementsEqual([0x2d]), !words[3].isEmpty,
      words[3].allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else { return nil }
    self.init(
      isKept: state == "kept", recordedCount: recorded, byteCount: total,
      digest: isDigest ? String(decoding: words[2], as: UTF8.self) : nil,
      name: String(decoding: words[3], as: UTF8.self))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...15).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func isHexadecimal(_ octet: UInt8) -> Bool {
    (0x30...0x39).contains(octet) || (0x61...0x66).contains(octet)
  }
}

extension Recording {
  /// Says of the contents that the list calls elided that they are.
  ///
  /// Files of one name are told apart by their order. Names that the recording does not hold are
  /// passed over: the list may be of more than one recording.
  package mutating func mark(_ list: ElidedList) {
    var marking = Marking(list)
    for index in transfers.indices where !transfers[index].content.octets.isEmpty {
      let isElided = marking.isElided(ElidedFile.name(of: transfers[index]))
      if isElided { transfers[index].content.isElided = true }
    }
    for index in connections.indices {
      let server = connections[index].server
      for place in connections[index].exchanges.indices {
        let exchange = connections[index].exchanges[place]
        guard exchange.response?.content.octets.isEmpty == false,
          marking.isElided(ElidedFile.name(of: exchange, to: server))
        else { continue }
        connections[index].exchanges[place].response?.content.isElided = true
      }
    }
  }

  private struct Marking {
    private var rows: [String: ArraySlice<ElidedList.Row>]

    init(_ list: ElidedList) {
      rows = Dictionary(grouping: list.rows, by: \.name).mapValues { $0[...] }
    }

    /// Takes the name's next row; the last one stays, for a file that is there more often.
    mutating func isElided(_ name: [UInt8]) -> Bool {
      let name = ElidedFile.printable(name)
      guard let row = rows[name]?.first else { return false }
      if rows[name, default: []].count > 1 { rows[name]?.removeFirst() }
      return !row.isKept
    }
  }
}
