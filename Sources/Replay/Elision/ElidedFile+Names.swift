import Boot
import Bytes
import Network
import Services

// What the list of an elided recording calls its files.
extension ElidedFile {
  static func name(of transfer: RecordedTransfer) -> [UInt8] {
    Array("tftp://\(transfer.request.destination.address)/".utf8)
      + transfer.name.drop { $0 == 0x2f }
  }

  static func name(of exchange: RecordedExchange, to server: Endpoint) -> [UInt8] {
    // Through a proxy the target is a whole URL.
    guard exchange.target.hasPrefix("/") else { return Array(exchange.target.utf8) }
    let host = RecordedHead(exchange.head).host ?? Array("\(server)".utf8)
    return Array("http://".utf8) + host + Array(exchange.target.utf8)
  }

  static func name(ofBodyOf exchange: RecordedExchange, to server: Endpoint) -> [UInt8] {
    Array("\(exchange.method) ".utf8) + name(of: exchange, to: server)
  }
}

extension RecordedExchange {
  /// Whether what it brought is one machine's own: its answers and hooks are text, and may hold
  /// password hashes, tokens and private keys.
  var mayHoldSecrets: Bool {
    // As the server reads it, or, of what it would refuse, as it stands.
    let path = Array(target.utf8.prefix { $0 != 0x3f })
    let decoded = HTTPRoute.decoded(path.rawSpan) ?? path
    let parts =
      BootPath(decoded)?.components ?? target.split(separator: "/").map { String($0) }
    guard let start = parts.firstIndex(of: "machines"), parts.count > start + 2 else {
      return false
    }
    return parts[start + 2] == "answers" || parts[start + 2] == "hooks"
  }

  /// The length of the body, where the head says it.
  var bodyCount: Int? {
    switch RecordedHead(head).length {
    case .counted(let count): count
    case .unsaid, .chunked, .invalid: nil
    }
  }
}
