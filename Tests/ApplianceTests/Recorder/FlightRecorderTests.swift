import Boot
import Bytes
import Network
import Replay
import Testing
import Wire

@testable import Appliance

@Suite("Boots that come to nothing") struct FlightRecorderTests {
  private static let arrival = Arrival(
    source: Endpoint(.unspecified, 68), destination: Endpoint(.broadcast, 67),
    local: FlightBench.own, interface: 2)

  /// Boots, waits, and gives the one recording with what a replay says of it: in its own world, in the
  /// server's as it is, and in the server's once it is mended.
  private func verdicts(
    _ model: FirmwareModel, _ bench: FlightBench, mended: FlightBench
  ) throws -> (reason: String, [Verdict]) {
    var bench = bench
    let (progress, end) = bench.run(model)
    if case .booted = progress { Issue.record("it boots") }
    let flights = bench.flights(at: end + .seconds(61))
    try #require(flights.count == 1)
    #expect(bench.flights(at: end + .seconds(600)).isEmpty, "once for an attempt")
    let (frames, list) = FlightBench.recording(flights[0])
    var recording = Recording(frames)
    recording.mark(try ElidedList(reading: Array(list.utf8)))
    #expect(recording.remarks.allSatisfy { !$0.contains("malformed") }, "\(recording.remarks)")
    let settings: [Playback.Setting] = [
      .recorded, .configured(bench.world), .configured(mended.world),
    ]
    let list2 = settings.compactMap { setting -> Verdict? in
      var playback = Playback(recording, in: setting)
      return playback.run().machines.first?.verdict
    }
    return (flights[0].reason, list2)
  }

  private func expect(_ verdicts: [Verdict], name: String) {
    #expect(verdicts.count == 3)
    for verdict in verdicts.prefix(2) {
      #expect(verdict.isFailure)
      #expect("\(verdict)".contains(name), "\(verdict)")
    }
    #expect(verdicts.last == .boots)
  }

  @Test func aKernelThatIsNotThereIsNamedByHTTP() throws {
    let bench = FlightBench()
    var broken = bench
    broken.files["linux"] = nil
    let (reason, verdicts) = try verdicts(.ipxeROM, broken, mended: bench)
    #expect(reason.contains("linux is not there"))
    expect(verdicts, name: "/files/linux")
  }

  @Test func aRAMDiskThatIsNotThereIsNamed() throws {
    let bench = FlightBench()
    var broken = bench
    broken.files["initrd.gz"] = nil
    let (reason, verdicts) = try verdicts(.biosROM, broken, mended: bench)
    #expect(reason.contains("initrd.gz is not there"))
    expect(verdicts, name: "initrd.gz")
  }

  @Test func aKernelThatIsNotThereIsNamedByTFTP() throws {
    var bench = FlightBench()
    bench.loader = .signed
    var broken = bench
    broken.files["linux"] = nil
    let (reason, verdicts) = try verdicts(.biosROM, broken, mended: bench)
    #expect(reason.contains("linux is not there"))
    expect(verdicts, name: "linux")
  }

  @Test func aLoaderThatIsNotThereIsNamed() throws {
    let bench = FlightBench()
    var broken = bench
    broken.loaders = false
    let (reason, verdicts) = try verdicts(.biosROM, broken, mended: bench)
    #expect(reason.contains("undionly.kpxe is not there"))
    expect(verdicts, name: "undionly.kpxe")
  }

  @Test func aRAMDiskThatIsNotThereIsNamedByTFTP() throws {
    var bench = FlightBench()
    bench.loader = .signed
    var broken = bench
    broken.files["initrd.gz"] = nil
    let (reason, verdicts) = try verdicts(.biosROM, broken, mended: bench)
    #expect(reason.contains("initrd.gz is not there"))
    expect(verdicts, name: "initrd.gz")
  }

  @Test(arguments: FirmwareModel.allCases.filter { !$0.rawValue.hasPrefix("raspberry") })
  func aBootThatSucceedsLeavesNothing(_ model: FirmwareModel) {
    var bench = FlightBench()
    if model == .biosROM { bench.loader = .signed }
    let (progress, end) = bench.run(model)
    guard case .booted = progress else {
      Issue.record("\(progress)")
      return
    }
    #expect(bench.flights(at: end + .seconds(3600)).isEmpty)
  }

  /// A machine that says DISCOVER as PXE does, and takes no offer.
  @Test func anOfferThatIsNeverTakenIsRecorded() throws {
    var recorder = FlightRecorder(stall: .seconds(60))
    let message = Self.discover()
    let firmware = Firmware(kind: .pxe, architecture: .x86BIOS)
    var due: [(seat: FlightRecorder.Seat, reason: String)] = []
    for second in [0, 4, 12, 28] as [Int64] {
      let now = Instant.start + .seconds(second)
      #expect(due.isEmpty)
      recorder.hear(dhcp: message.rawSpan, from: Self.arrival, at: now)
      recorder.take(
        Event(.discoverReceived(firmware), macAddress: FlightBench.hardware), .unknown, at: now)
      due = recorder.due(at: now) { _ in false }
    }
    let found = try #require(due.first)
    let finished = recorder.finish(found.seat, found.reason)
    let flight = try #require(finished)
    #expect(flight.reason == "it said DISCOVER 4 times and took no offer")
    let recording = Recording(FlightBench.recording(flight).frames)
    #expect(recording.messages.count == 4)
    var playback = Playback(recording, in: .recorded)
    let verdict = playback.run().machines.first?.verdict
    #expect(
      "\(String(describing: verdict))".contains("DISCOVER was said at 0.0, 4.0, 12.0, 28.0 s"))
  }

  @Test func aFloodOfMadeUpMachinesPushesOutItself() {
    var recorder = FlightRecorder(stall: .seconds(60))
    recorder.hear(dhcp: Self.discover().rawSpan, from: Self.arrival, at: .start)
    recorder.take(
      Event(
        .transferCompleted(name: "a", byteCount: 1, .zero, resent: 0),
        macAddress: FlightBench.hardware), .unknown, at: .start)
    for number in 0..<2000 as Range<UInt64> {
      let machine = MACAddress(number: 0x0200_0000_0000 | number)
      recorder.hear(
        dhcp: Self.discover(machine).rawSpan, from: Self.arrival, at: .start + .seconds(1))
    }
    #expect(recorder.seat(of: FlightBench.hardware) != nil)
  }

  /// Nobody who only says DISCOVER pushes out who took an address.
  @Test func whoTookAnAddressStaysBeforeItsFirstFile() {
    var recorder = FlightRecorder(stall: .seconds(60))
    recorder.hear(dhcp: Self.discover().rawSpan, from: Self.arrival, at: .start)
    let firmware = Firmware(kind: .pxe, architecture: .x86BIOS)
    recorder.take(
      Event(.requestReceived(.selecting, firmware), macAddress: FlightBench.hardware), .unknown,
      at: .start)
    for number in 0..<2000 as Range<UInt64> {
      let machine = MACAddress(number: 0x0200_0000_0000 | number)
      recorder.hear(dhcp: Self.discover(machine).rawSpan, from: Self.arrival, at: .start)
    }
    #expect(recorder.seat(of: FlightBench.hardware) != nil)
  }

  @Test func madeUpMachinesLeaveRoomForOthers() {
    var recorder = FlightRecorder(stall: .seconds(60))
    let firmware = Firmware(kind: .pxe, architecture: .x86BIOS)
    for number in 0..<30 as Range<UInt64> {
      let machine = MACAddress(number: 0x0200_0000_0000 | number)
      recorder.hear(dhcp: Self.discover(machine).rawSpan, from: Self.arrival, at: .start)
      for _ in 0..<4 {
        recorder.take(
          Event(.discoverReceived(firmware), macAddress: machine), .unknown, at: .start)
      }
    }
    let due = recorder.due(at: .start) { _ in false }
    #expect(due.count == 5)
    for (seat, reason) in due { _ = recorder.finish(seat, reason) }
    recorder.hear(dhcp: Self.discover().rawSpan, from: Self.arrival, at: .start)
    recorder.take(
      Event(.fileMissing(.tftp, name: "a"), macAddress: FlightBench.hardware), .unknown, at: .start)
    #expect(recorder.due(at: .start + .seconds(60)) { _ in false }.count == 1)
  }

  @Test func madeUpMachinesFillNoDisk() {
    var recorder = FlightRecorder(stall: .seconds(60))
    let firmware = Firmware(kind: .pxe, architecture: .x86BIOS)
    var written = 0
    for minute in 0..<90 as Range<UInt64> {
      let now = Instant.start + .seconds(Int(minute) * 60)
      for number in 0..<10 as Range<UInt64> {
        let machine = MACAddress(number: 0x0200_0000_0000 | minute << 8 | number)
        recorder.hear(dhcp: Self.discover(machine).rawSpan, from: Self.arrival, at: now)
        for _ in 0..<4 {
          recorder.take(
            Event(.discoverReceived(firmware), macAddress: machine), .unknown, at: now)
        }
      }
      for (seat, reason) in recorder.due(at: now, isBusy: { _ in false }) {
        _ = recorder.finish(seat, reason)
        written += 1
      }
    }
    // Of the first hour and of the second.
    #expect(written == 40)
  }

  /// A transfer that goes on while the recorder is turned off and on again.
  @Test func aSeatOfAnotherRecorderIsNone() throws {
    var former = FlightRecorder(stall: .seconds(60))
    former.hear(dhcp: Self.discover().rawSpan, from: Self.arrival, at: .start)
    let seat = try #require(former.seat(of: FlightBench.hardware))
    var recorder = FlightRecorder(stall: .seconds(5))
    recorder.take(
      .heard, of: seat, Endpoint(.unspecified, 68), Endpoint(.broadcast, 67), at: .start,
      [1].rawSpan)
    #expect(!recorder.isOpen(seat))
    #expect(recorder.finish(seat, "test") == nil)
  }

  /// A reload while machines boot.
  @Test func anotherTimeForgetsNobody() throws {
    let appliance = try APIBench().appliance
    appliance.note(dhcp: Self.discover().rawSpan, from: Self.arrival)
    let seat = try #require(appliance.recorder?.seat(of: FlightBench.hardware))
    appliance.settings.recorder = RecorderSettings(stall: .seconds(5))
    appliance.renewRecorder()
    #expect(appliance.recorder?.isOpen(seat) == true)
    #expect(appliance.recorder?.stall == .seconds(5))
  }

  @Test func noMoreThanTenAreWrittenInAMinute() {
    var recorder = FlightRecorder(stall: .seconds(60))
    for number in 0..<30 as Range<UInt64> {
      let machine = MACAddress(number: 0x0200_0000_0000 | number)
      recorder.hear(dhcp: Self.discover(machine).rawSpan, from: Self.arrival, at: .start)
      recorder.take(
        Event(.fileMissing(.tftp, name: "a"), macAddress: machine), .unknown, at: .start)
    }
    #expect(recorder.due(at: .start + .seconds(60)) { _ in false }.count == 10)
    #expect(recorder.due(at: .start + .seconds(61)) { _ in false }.isEmpty)
  }

  /// A whole DISCOVER of PXE firmware.
  static func discover(_ machine: MACAddress = FlightBench.hardware) -> [UInt8] {
    var message = [UInt8](repeating: 0, count: 240)
    message[0] = 1
    message[1] = 1
    message[2] = 6
    message[4] = 7
    for index in 0..<6 { message[28 + index] = machine.octet(index) }
    message[236..<240] = [99, 130, 83, 99]
    let name = Array("PXEClient:Arch:00000:UNDI:002001".utf8)
    message += [53, 1, 1, 93, 2, 0, 0, 94, 3, 1, 2, 1, 60, UInt8(name.count)] + name + [255]
    return message
  }
}
