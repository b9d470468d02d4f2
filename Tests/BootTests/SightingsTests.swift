import Boot
import Network
import Testing

@Suite struct SightingsTests {
  @Test func theFirstSeenGoesFirst() {
    var sightings = Sightings(limit: 3)
    for number in 1...5 as ClosedRange<UInt64> {
      sightings.record(Sighting(macAddress: MACAddress(number: number)))
      #expect(sightings.count <= 3)
    }
    let known = (1...5 as ClosedRange<UInt64>).filter { sightings[MACAddress(number: $0)] != nil }
    #expect(known == [3, 4, 5])
  }

  @Test func aMachineSeenAgainIsKeptOnce() {
    var sightings = Sightings(limit: 2)
    let address = MACAddress(number: 1)
    for vendor in [[1], [2], [3]] as [[UInt8]] {
      sightings.record(Sighting(macAddress: address, vendorClass: vendor))
    }
    #expect(sightings.count == 1)
    #expect(sightings[address]?.vendorClass == [3])
  }
}

@Suite struct FirmwareRowTests {
  static let rows: [(UInt16, Architecture?)] = [
    (0, .x86BIOS), (6, .x86EFI), (7, .x8664EFI), (9, .x8664EFI), (10, .arm32EFI), (11, .arm64EFI),
    (15, .x86EFI), (16, .x8664EFI), (17, .x8664EFI), (18, .arm32EFI), (19, .arm64EFI),
    (20, .x86BIOS), (21, .arm32UBoot), (22, .arm64UBoot), (23, .arm32UBoot), (24, .arm64UBoot),
    (27, .riscv64EFI), (28, .riscv64EFI), (41, .raspberryPi), (1, nil), (8, nil), (0xffff, nil),
  ]

  @Test(arguments: rows) func aCodeNamesItsArchitecture(_ row: (UInt16, Architecture?)) {
    #expect(FirmwareRow.row(for: row.0)?.architecture == row.1)
  }

  @Test func noCodeHasTwoRows() {
    #expect(Set(FirmwareRow.all.map(\.code)).count == FirmwareRow.all.count)
  }

  @Test func theFirstInstalledFileOfItsRowsIsChosen() {
    func loader(_ path: String) -> Loader {
      Loader(set: .ipxe, architecture: .x8664EFI, path: path, byteCount: 1)
    }
    let both = Catalog(loaders: [loader("ipxe/snponly.efi"), loader("ipxe/ipxe.efi")])
    let one = Catalog(loaders: [loader("ipxe/snponly.efi")])
    #expect(both.loader(.ipxe, for: .x8664EFI)?.path == "ipxe/ipxe.efi")
    #expect(one.loader(.ipxe, for: .x8664EFI)?.path == "ipxe/snponly.efi")
    #expect(one.loader(.ipxe, for: .x86BIOS) == nil)
    #expect(one.loader(.snponly, for: .x8664EFI) == nil)
  }
}

@Suite struct FloodTests {
  @Test func aFloodOfMadeUpAddressesLeavesTheMachinesThatKeepComing() {
    var sightings = Sightings(limit: 8)
    let machine = Sighting(macAddress: MACAddress(number: 1))
    for number in 100..<1000 as Range<UInt64> {
      if number.isMultiple(of: 4) { sightings.record(machine) }
      sightings.record(Sighting(macAddress: MACAddress(number: number)))
    }
    #expect(sightings[machine.macAddress] != nil)
    #expect(sightings.count == 8)
  }

  @Test func aTimelineIsBoundedInMachinesAndEvents() {
    var timeline = Timeline(machines: 3, entries: 10)
    for number in 1...5 as ClosedRange<UInt64> {
      for second in 1...25 as ClosedRange<Int64> {
        timeline.record(
          Event(.machineIgnored, macAddress: MACAddress(number: number)),
          at: UnixTime(seconds: second))
        #expect(timeline[MACAddress(number: number)].count <= 10)
        #expect(timeline[MACAddress(number: number)].last?.time == UnixTime(seconds: second))
      }
    }
    #expect(timeline.machines.count == 3)
    timeline.record(Event(.applianceStopped), at: UnixTime(seconds: 0))
    #expect(timeline.machines.count == 3)
  }
}
