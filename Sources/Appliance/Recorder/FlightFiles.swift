import Bytes
import Network
import Replay
import Wire

/// What a flight's records hold of files, for the list beside a recording: names, how long they are,
/// and whether their octets were kept.
struct FlightFiles: Sendable {
  private struct Row: Sendable {
    var name: String
    var count: Int
    var isKept: Bool
  }

  private var rows: [Row] = []
  /// By the client's port, the row of a transfer.
  private var transfers: [Endpoint: Int] = [:]
  /// What each connection asked for last.
  private var asked: [UInt64: String] = [:]

  private static let head = """
    # What machine and server sent each other, one file a line: whether its bytes were elided or kept
    # because they are text; how many they are; no SHA-256, for they were not looked at; its name.

    """

  /// As ``Replay/ElidedList`` reads it.
  var text: String {
    Self.head
      + rows.map { "\($0.isKept ? "kept" : "elided") \($0.count) - \($0.name)\n" }.joined()
  }

  mutating func take(_ record: FlightRecord) {
    switch record.kind {
    case .heard where record.server.port == 69: request(record)
    case .heard, .said, .streamEnded: break
    case .blocks:
      let window = FlightRecord.Window(record.second)
      let before = Int(clamping: record.first - 1) * window.size
      grow(record, to: before + (window.count - 1) * window.size + window.last)
    case .stretch:
      let window = FlightRecord.Window(record.second)
      grow(record, to: (Int(clamping: record.first - 1) + window.count) * window.size)
    case .streamHeard: request(of: record)
    case .streamSaid: response(record)
    }
  }

  private mutating func request(_ record: FlightRecord) {
    guard record.octets.starts(with: [0, 1]) else { return }
    let name = record.octets.dropFirst(2).prefix { $0 != 0 }.drop { $0 == 0x2f }
    let prefix = Array("tftp://\(record.server.address)/".utf8)
    transfers[record.client] = rows.count
    rows.append(Row(name: Self.printable(prefix + Array(name)), count: 0, isKept: false))
  }

  private mutating func grow(_ record: FlightRecord, to count: Int) {
    guard let index = transfers[record.client] else { return }
    rows[index].count = max(rows[index].count, count)
    rows[index].isKept = !record.octets.isEmpty
  }

  private mutating func request(of record: FlightRecord) {
    guard !record.octets.isEmpty else { return }
    let lines = record.octets.split(separator: 0x0a)
    let words = lines.first?.split(separator: 0x20) ?? []
    guard words.count >= 2 else {
      asked[record.first] = nil
      return
    }
    let field = Array("host:".utf8)
    let host = lines.first {
      $0.count > 5 && String(decoding: $0.prefix(5), as: UTF8.self).lowercased() == "host:"
    }
    .map { $0.dropFirst(field.count).filter { $0 > 0x20 } }
    let server = host ?? Array("\(record.server)".utf8)
    asked[record.first] = Self.printable(Array("http://".utf8) + server + Array(words[1]))
  }

  private mutating func response(_ record: FlightRecord) {
    guard let name = asked[record.first] else { return }
    let end = record.octets.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound
    let kept = end.map { record.octets.count - $0 } ?? 0
    let count = kept + Int(clamping: record.second)
    guard count > 0 else { return }
    rows.append(Row(name: name, count: count, isKept: record.second == 0))
  }

  private static let longestName = 1024

  private static func printable(_ name: [UInt8]) -> String {
    var text = ""
    for octet in TokenMask.masked(name).prefix(longestName) {
      if octet > 0x20 && octet < 0x7f {
        text.unicodeScalars.append(Unicode.Scalar(octet))
      } else {
        text += "%" + Hexadecimal.text([octet])
      }
    }
    return text
  }
}
