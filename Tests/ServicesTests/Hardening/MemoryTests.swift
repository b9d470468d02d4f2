import Boot
import Bytes
import Foundation
import Network
import Services
import Testing
import Wire

/// Hardening case 5: what a million malformed messages leave behind, in a process of its own.
@Suite("Case 5: option 81") struct MemoryTests {
  /// Labels above 63, pointers inside and to themselves, no terminator, lies about lengths: the
  /// forms of CVE-2022-2929, in wire form and as bare text.
  static var names: [[UInt8]] {
    let heads: [[UInt8]] = [[0, 255, 255], [4, 0, 0], [0x0f, 1, 2], []]
    let bodies: [[UInt8]] = [
      [], [0], [64] + [UInt8](repeating: 0x61, count: 64) + [0],
      [255] + [UInt8](repeating: 0x61, count: 200), [0xc0, 0], [0xc0, 3], [3, 0x61, 0x62, 0xc0, 0],
      [5, 0x61, 0x62], [63] + [UInt8](repeating: 0x61, count: 63),
      [1, 0x61, 1, 0x62, 1, 0x63], [0x80, 1, 2], [0x40], [UInt8](repeating: 0xc0, count: 240),
      [UInt8](repeating: 1, count: 250), Array("host.example.".utf8),
    ]
    return heads.flatMap { head in bodies.map { head + $0 } }
  }

  /// DISCOVERs and REQUESTs with each of the names.
  static var messages: [[UInt8]] {
    names.flatMap { name in
      [DHCPMessageType.discover, .request].map { type in
        var output = ByteWriter()
        let question = DHCPBench.question(type, 1)
        let writer = DHCPWriter(question.header, limit: 1_400, into: &output)
        writer.option(53, [type.rawValue], into: &output)
        writer.option(50, [10, 77, 1, 12], into: &output)
        writer.option(81, name, into: &output)
        writer.option(119, name, into: &output)
        writer.finish(into: &output)
        return output.bytes
      }
    }
  }

  @Test("Case 5: option 81 with bad labels, pointers and no end, a million times: memory is flat")
  func memoryIsFlat() async {
    await #expect(processExitsWith: .success) {
      #if DEBUG
        let grown = Self.growth(over: 100_000)
      #else
        let grown = Self.growth(over: 1_000_000)
      #endif
      // An allocation lost with each would be 4,000 pages and more.
      exit(grown < 256 ? 0 : 1)
    }
  }

  /// How many pages of memory so many messages leave behind.
  static func growth(over count: Int) -> Int {
    let messages = Self.messages
    let catalog = DHCPBench.catalog()
    let arrival = Arrival(
      source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
      local: DHCPBench.own, interface: 2)
    var service = DHCPService(sightingLimit: 256)
    var actions = Actions()
    var before = 0
    for number in 0..<count {
      if number == count / 10 { before = residentPages }
      var bytes = messages[number % messages.count]
      // As many machines as packets, of which the service remembers 256.
      for octet in 0..<3 { bytes[31 + octet] = UInt8(truncatingIfNeeded: number >> (8 * octet)) }
      actions.clear()
      service.receive(
        bytes.rawSpan, from: arrival, catalog, at: .start + .milliseconds(number), into: &actions)
      precondition(!actions.list.isEmpty, "every message is an event")
    }
    return before > 0 ? residentPages - before : .max
  }

  /// Pages of memory that this process has now.
  static var residentPages: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }
}
