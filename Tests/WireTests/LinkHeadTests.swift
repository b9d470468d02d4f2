import Bytes
import Network
import Testing
import Wire

struct LinkHeadTests {
  private static let machine = MACAddress(0x52, 0x54, 0, 0x77, 1, 1)
  private static let hardware: [UInt8] = [0x52, 0x54, 0, 0x77, 1, 1]

  /// A link type, a head of it in octets, and what it says.
  private static let table:
    [(LinkType, [UInt8], type: UInt16, source: MACAddress?, vlan: UInt16?)] = [
      (.ethernet, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] + hardware + [8, 0], 0x0800, machine, nil),
      (
        .ethernet, [1, 2, 3, 4, 5, 6] + hardware + [0x81, 0, 0x20, 7, 0x86, 0xdd], 0x86dd, machine,
        7
      ),
      (.linuxCooked, [0, 4, 0, 1, 0, 6] + hardware + [0, 0, 8, 0], 0x0800, machine, nil),
      (
        .linuxCooked, [0, 4, 0, 1, 0, 6] + hardware + [0, 0, 0x81, 0, 0, 9, 8, 0], 0x0800, machine,
        9
      ),
      (.linuxCooked, [0, 0, 3, 4, 0, 0] + hardware + [0, 0, 8, 0], 0x0800, nil, nil),
      (
        .linuxCooked2, [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6] + hardware + [0, 0], 0x0800, machine,
        nil
      ),
      (.loopback, [2, 0, 0, 0], 0x0800, nil, nil), (.loopback, [0, 0, 0, 30], 0x86dd, nil, nil),
      (.loopback, [0, 0, 0, 2], 0x0800, nil, nil),
    ]

  @Test("Case 18: every link's head is read, tagged or not") func everyLinksHeadIsRead() throws {
    for row in Self.table {
      let octets = row.1 + [0x45, 0, 0, 20]
      let head = try LinkHead(checking: octets.rawSpan, row.0)
      #expect(head.type == row.type && head.source == row.source && head.vlan == row.vlan)
      #expect(head.length == row.1.count)
    }
    for (first, type) in [(0x45, 0x0800), (0x60, 0x86dd)] as [(UInt8, UInt16)] {
      let head = try LinkHead(checking: [first].rawSpan, .rawIP)
      #expect(head.type == type && head.length == 0)
    }
  }

  @Test func aHeadThatEndsEarlyIsMalformed() {
    for row in Self.table {
      for count in row.1.indices {
        let part = Array(row.1[..<count])
        #expect(throws: Malformed.self) { try LinkHead(checking: part.rawSpan, row.0) }
      }
    }
  }

  @Test func noOctetTraps() {
    var refused = 0
    for row in Self.table {
      for index in row.1.indices {
        for value in [0, 1, 255] as [UInt8] {
          var mutant = row.1
          mutant[index] = value
          if (try? LinkHead(checking: mutant.rawSpan, row.0)) == nil { refused += 1 }
        }
      }
    }
    #expect(refused > 0)
  }
}
