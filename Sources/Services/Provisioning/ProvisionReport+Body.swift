import Boot
import Bytes
import Network
import Wire

extension ProvisionReport {
  /// Reads the body of `POST /machines/TOKEN/report`: a line `key=value` each, ended by LF or CR LF.
  ///
  /// `address` and `host-key` may stand more than once, all else once. A value that is empty counts
  /// as not said, since a shell writes `hostname=$(…)` whatever came of it.
  package init(checking body: RawSpan) throws(Malformed) {
    guard body.byteCount <= Limit.bodyByteCount else {
      throw Malformed(.excessive("report"), at: Limit.bodyByteCount)
    }
    self.init()
    var seen: Set<String> = []
    var start = 0
    while start < body.byteCount {
      let end = body.firstIndex(of: Self.lineFeed, from: start) ?? body.byteCount
      var line = body.extracting(start..<end)
      if line.byteCount > 0, line.octet(at: line.byteCount - 1) == Self.carriageReturn {
        line = line.extracting(0..<line.byteCount - 1)
      }
      if line.byteCount > 0 { try take(line, at: start, &seen) }
      start = end + 1
    }
  }

  private static let lineFeed: UInt8 = 0x0a
  private static let carriageReturn: UInt8 = 0x0d
  private static let equals: UInt8 = 0x3d

  private mutating func take(
    _ line: RawSpan, at offset: Int, _ seen: inout Set<String>
  ) throws(Malformed) {
    guard let sign = line.firstIndex(of: Self.equals, from: 0), Self.isKey(line, count: sign) else {
      throw Malformed(.invalid("report's key"), at: offset)
    }
    let key = Self.text(line, 0..<sign)
    let place = offset + sign + 1
    let value = line.extracting((sign + 1)..<line.byteCount)
    // A key of RSA is longer than all else.
    guard value.byteCount <= (key == "host-key" ? 4096 : Limit.valueByteCount) else {
      throw Malformed(.excessive("report's value"), at: place)
    }
    for index in 0..<value.byteCount where Self.isControl(value.octet(at: index)) {
      throw Malformed(.invalid("report's value"), at: place + index)
    }
    guard value.byteCount > 0 else { return }
    let text = Self.text(value, 0..<value.byteCount)
    switch key {
    case "address": return try take(address: text, at: place)
    case "host-key": return try take(hostKey: text, at: place)
    case _: break
    }
    guard seen.insert(key).inserted else { throw Malformed(.excessive("report's key"), at: offset) }
    switch key {
    case "state":
      guard let state = State(rawValue: text) else {
        throw Malformed(.invalid("report's state"), at: place)
      }
      self.state = state
    case "reason": reason = text
    case "hostname":
      guard Self.isHostName(text) else { throw Malformed(.invalid("host name"), at: place) }
      hostName = text.lowercased()
    case "os": system = text
    case _:
      guard facts.count < Limit.facts else {
        throw Malformed(.excessive("report's facts"), at: offset)
      }
      facts[key] = text
    }
  }

  /// What is no address that others can reach it by, as `::1` or 127.0.0.1, is left out: tools
  /// write all that they find.
  private mutating func take(address text: String, at place: Int) throws(Malformed) {
    guard let address = IPv4Address(text) else {
      guard IPv6Address(text) != nil else { throw Malformed(.invalid("address"), at: place) }
      return
    }
    guard address.isUnicast, !addresses.contains(address) else { return }
    guard addresses.count < Limit.addresses else {
      throw Malformed(.excessive("addresses"), at: place)
    }
    addresses.append(address)
  }

  private mutating func take(hostKey text: String, at place: Int) throws(Malformed) {
    guard let key = HostKey(line: text) else { throw Malformed(.invalid("host key"), at: place) }
    guard !hostKeys.contains(key) else { return }
    guard hostKeys.count < Limit.hostKeys else {
      throw Malformed(.excessive("host keys"), at: place)
    }
    hostKeys.append(key)
  }

  /// Lower-case letters, digits, `-`, `_` and `.`.
  private static func isKey(_ line: RawSpan, count: Int) -> Bool {
    guard (1...Limit.keyByteCount).contains(count) else { return false }
    for index in 0..<count {
      switch line.octet(at: index) {
      case 0x61...0x7a, 0x30...0x39, 0x2d, 0x2e, 0x5f: break
      case _: return false
      }
    }
    return true
  }

  private static func isControl(_ octet: UInt8) -> Bool {
    octet < 0x20 && octet != 0x09 || octet == 0x7f
  }

  private static func text(_ line: RawSpan, _ range: Range<Int>) -> String {
    String(decoding: line.extracting(range).octets(), as: UTF8.self)
  }

  /// RFC 1123 §2.1.
  private static func isHostName(_ text: String) -> Bool {
    guard text.utf8.count <= 253 else { return false }
    return text.utf8.split(separator: 0x2e, omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.count) && label.first != 0x2d && label.last != 0x2d
        && label.allSatisfy {
          switch $0 {
          case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x2d: true
          case _: false
          }
        }
    }
  }
}
