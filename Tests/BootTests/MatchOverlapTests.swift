import Boot
import Network
import Testing

@Suite("Matches that overlap") struct MatchOverlapTests {
  private static func with(_ change: (inout Match) -> Void) -> Match {
    var match = Match()
    change(&match)
    return match
  }

  private static func mac(_ last: UInt8) -> MACAddress { MACAddress(0x52, 0x54, 0, 0, 0, last) }

  static let rows: [(Match, Match, overlap: Bool)] = [
    (Match(architectures: [.x86BIOS]), Match(firmware: [.pxe]), true),
    (Match(architectures: [.x86BIOS]), Match(architectures: [.x86BIOS, .x86EFI]), true),
    (Match(architectures: [.x86BIOS]), Match(architectures: [.x86EFI]), false),
    (Match(vendors: ["PXEClient"]), Match(vendors: ["PXE"]), true),
    (Match(vendors: ["PXEClient"]), Match(vendors: ["HTTP"]), false),
    (Match(macPrefixes: [[0x52, 0x54]]), Match(macPrefixes: [[0x52]]), true),
    (Match(macPrefixes: [[0x52, 0x54]]), Match(macPrefixes: [[0x52, 0x55]]), false),
    (Match(labels: ["rack": "3"]), Match(labels: ["row": "1"]), true),
    (Match(labels: ["rack": "3"]), Match(labels: ["rack": "4"]), false),
    (with { $0.macAddresses = [mac(1)] }, with { $0.macAddresses = [mac(2)] }, false),
    (with { $0.macAddresses = [mac(1), mac(2)] }, with { $0.macAddresses = [mac(2)] }, true),
    (with { $0.macAddresses = [mac(1)] }, Match(macPrefixes: [[0x52, 0x54, 0]]), true),
    (with { $0.macAddresses = [mac(1)] }, Match(macPrefixes: [[0x52, 0x55]]), false),
    (with { $0.serials = ["AB"] }, with { $0.serials = ["ab"] }, true),
    (with { $0.serials = ["AB"] }, with { $0.serials = ["ac"] }, false),
    (with { $0.sites = ["a"] }, with { $0.sites = ["b"] }, false),
    (with { $0.relayPorts = [[1]] }, with { $0.relayPorts = [[1], [2]] }, true),
    (
      with { $0.uuids = [UUID(high: 1, low: 2)] }, with { $0.uuids = [UUID(high: 1, low: 3)] },
      false
    ),
  ]

  @Test(arguments: rows.indices) func oneMachineMeetsBothOrNone(_ index: Int) {
    let row = Self.rows[index]
    #expect(row.0.overlaps(row.1) == row.overlap)
    #expect(row.1.overlaps(row.0) == row.overlap)
  }

  @Test func aMarkOutweighsAnyNumberOfOtherCriteria() {
    let all = Match(
      architectures: [.x86BIOS], firmware: [.pxe], vendors: ["PXE"], macPrefixes: [[0x52]],
      labels: ["rack": "3", "row": "1"])
    for marked in [
      Self.with { $0.macAddresses = [Self.mac(1)] }, Self.with { $0.serials = ["1"] },
      Self.with { $0.uuids = [UUID(high: 1, low: 2)] }, Self.with { $0.relayPorts = [[1]] },
    ] {
      #expect(marked.specificity > all.specificity && marked.criteriaCount == 1)
    }
    #expect(Self.with { $0.sites = ["a"] }.specificity == 1)
  }

  @Test func marksHoldByWhatIsShownOrByWhatTheOperatorKnows() {
    let machine = Machine(
      name: "a", macAddress: Self.mac(1), uuid: UUID(high: 1, low: 2), serial: "Ab12",
      relayPort: [7])
    let marks: [(Match, Match.Criterion)] = [
      (Self.with { $0.macAddresses = [Self.mac(1)] }, .macAddress),
      (Self.with { $0.uuids = [UUID(high: 1, low: 2)] }, .uuid),
      (Self.with { $0.serials = ["aB12"] }, .serial),
      (Self.with { $0.relayPorts = [[7]] }, .relayPort),
    ]
    let stranger = Sighting(macAddress: Self.mac(9))
    var shown = Sighting(macAddress: Self.mac(1), uuid: UUID(high: 1, low: 2), relayPort: [7])
    shown.serial = "ab12"
    for (match, criterion) in marks {
      #expect(match.holds(for: stranger, subnet: nil, machine: machine))
      #expect(match.holds(for: shown, subnet: nil, machine: nil))
      #expect(match.missed(by: stranger, subnet: nil, machine: nil, site: "") == criterion)
    }
    let site = Self.with { $0.sites = ["a"] }
    #expect(site.holds(for: stranger, subnet: nil, machine: nil, site: "a"))
    #expect(site.missed(by: stranger, subnet: nil, machine: nil, site: "b") == .site)
  }
}
