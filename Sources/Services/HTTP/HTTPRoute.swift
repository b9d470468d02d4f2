import Boot
import Bytes
import Network
import Wire

/// A request's path and query, read once: what stands behind them, and how events name it.
package struct HTTPRoute: Sendable {
  let resource: Resource
  let name: String

  /// Nil for a path that names nothing: `/`, one that would leave the tree, or odd escapes.
  init?(path: RawSpan, query: RawSpan) {
    guard let octets = Self.decoded(path), let path = BootPath(octets) else { return nil }
    name = Self.name(of: path)
    let resource = Resource(path)
    guard case .script(let machine, _) = resource, query.byteCount > 0 else {
      self.resource = resource
      return
    }
    var address: MACAddress?
    let asked = Self.script(query, &address)
    self.resource = .script(machine: machine ?? address?.dashed, asked)
  }

  /// As events name it: the token of an installation opens what it names, and stays out of logs.
  static func name(of path: BootPath) -> String {
    path.components.contains("machines")
      ? BootToken.masked(path.description) : path.description
  }

  /// The octets that a percent-encoded text means; nil when an escape is not two digits. Decoded
  /// once only, so that `%252e` is the name `%2e` and never a dot.
  package static func decoded(_ text: RawSpan) -> [UInt8]? {
    var octets: [UInt8] = []
    octets.reserveCapacity(text.byteCount)
    var index = 0
    while index < text.byteCount {
      let octet = text.octet(at: index)
      index += 1
      guard octet == 0x25 else {
        octets.append(octet)
        continue
      }
      guard index + 1 < text.byteCount, let high = Hexadecimal.value(text.octet(at: index)),
        let low = Hexadecimal.value(text.octet(at: index + 1))
      else { return nil }
      octets.append(high << 4 | low)
      index += 2
    }
    return octets
  }

  /// What is asked of `/boot.ipxe` beside, and the hardware address in `mac=…`, as iPXE writes it
  /// from `${net0/mac}`: a machine behind a router that translates addresses is not told by where it
  /// asks from. Of a key that stands twice the first counts: iPXE of 2019 decodes what a machine
  /// shows once too often, so that it could write keys of its own behind ours.
  private static func script(_ query: RawSpan, _ address: inout MACAddress?) -> ScriptQuery {
    var asked = ScriptQuery()
    var seen: Set<String> = []
    var start = 0
    while start < query.byteCount {
      let end = query.firstIndex(of: 0x26, from: start) ?? query.byteCount
      let pair = query.extracting(start..<end)
      start = end + 1
      guard let sign = pair.firstIndex(of: 0x3d), sign <= longestKey,
        let octets = decoded(pair.extracting((sign + 1)...))
      else { continue }
      let key = String(decoding: pair.extracting(0..<sign).octets(), as: UTF8.self)
      guard isKey(key), seen.insert(key).inserted else { continue }
      let text = String(decoding: octets, as: UTF8.self)
      switch key {
      case "mac": address = MACAddress(text)
      case "profile": asked.profile = text
      case "round": asked.round = UInt8(text).map { Int($0) }
      case _: asked.facts[key] = text
      }
    }
    return asked
  }

  private static let longestKey = 16

  private static func isKey(_ key: String) -> Bool {
    ["mac", "profile", "round"].contains(key) || Provision.factNames.contains(key)
  }
}

/// The routes of paths asked for lately, so that a path asked for again and again is not taken
/// apart each time and costs no allocation. Bounded: a path has one place, and the last one asked
/// for keeps it.
struct HTTPRoutes: Sendable {
  private struct Entry: Sendable {
    let path: [UInt8]
    let route: HTTPRoute
  }

  private var entries = [Entry?](repeating: nil, count: 256)
  private static let longestPath = 256

  mutating func route(path: RawSpan, query: RawSpan) -> HTTPRoute? {
    guard query.byteCount == 0, path.byteCount <= Self.longestPath else {
      return HTTPRoute(path: path, query: query)
    }
    let place = Self.place(of: path)
    if let entry = entries[place], Self.isEqual(path, entry.path) { return entry.route }
    guard let route = HTTPRoute(path: path, query: query) else { return nil }
    entries[place] = Entry(path: path.octets(), route: route)
    return route
  }

  /// FNV-1a, folded to the number of places.
  private static func place(of path: RawSpan) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<path.byteCount {
      hash = (hash ^ UInt64(path.octet(at: index))) &* 0x100_0000_01b3
    }
    return Int((hash ^ hash >> 32) & 0xff)
  }

  private static func isEqual(_ path: RawSpan, _ other: [UInt8]) -> Bool {
    guard path.byteCount == other.count else { return false }
    for index in 0..<path.byteCount where path.octet(at: index) != other[index] { return false }
    return true
  }
}
