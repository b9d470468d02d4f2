import Bytes
import Capture
import Foundation
import Network
import Replay
import Testing
import Wire

/// Recordings of Raspberry Pis, which nobody here has: their firmware models boot from the services,
/// and what is said is written as frames. With `WRITE_FIXTURES=1` in the environment the files are
/// written, else they are held to it.
struct GeneratedReplayTests {
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    let model: FirmwareModel
    let vendor: (UInt8, UInt8, UInt8)

    var testDescription: String { name }
  }

  private static let rows = [
    Row(name: "generated-pi3", model: .raspberryPi3, vendor: (0xb8, 0x27, 0xeb)),
    Row(name: "generated-pi4", model: .raspberryPi4, vendor: (0xdc, 0xa6, 0x32)),
    Row(name: "generated-pi5", model: .raspberryPi5, vendor: (0xd8, 0x3a, 0xdd)),
  ]

  private static var isWriting: Bool {
    ProcessInfo.processInfo.environment["WRITE_FIXTURES"] != nil
  }

  @Test(arguments: rows) func aRaspberryPisBootIsWhatTheFileSays(_ row: Row) throws {
    let frames = Self.frames(row)
    let path = FixtureReplayTests.folder + "/\(row.name).pcap"
    if Self.isWriting {
      for path in [path, path + ElidedSavefile.listEnding] {
        try? FileManager.default.removeItem(atPath: path)
      }
      let recording = try Savefile(SavefileWriter.octets(frames), name: row.name)
      _ = try ElidedSavefile.write(recording, to: path)
      for path in [path, path + ElidedSavefile.listEnding] {
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
      }
    }
    let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(octets == SavefileWriter.octets(Elision(frames).frames))
  }

  /// What passes the wire while the model boots.
  private static func frames(_ row: Row) -> [Frame] {
    let identity = BootBench.identity(1, row.vendor)
    var bench = BootBench()
    let lengths = [
      "bootcode.bin": 52_480, "start.elf": 30_000, "start4.elf": 40_000, "kernel8.img": 50_000,
      "kernel_2712.img": 50_000, "initrd.gz": 20_000,
    ]
    for (name, count) in lengths { bench.files[name] = [UInt8](repeating: 0x80, count: count) }
    var link = bench.link
    link.add(BootMachine(row.model, identity))
    var frames: [Frame] = []
    link.run(until: .start + .seconds(600)) { time, event in
      guard let octets = frame(event, identity.macAddress) else { return }
      frames.append(
        Frame(
          number: frames.count + 1, time: time.nanoseconds, link: .ethernet,
          originalCount: octets.count, octets: octets))
    }
    return frames
  }

  private static let server = MACAddress(0x52, 0x54, 0, 0x77, 0, 0xfe)

  private static func frame(_ event: LinkEvent, _ machine: MACAddress) -> [UInt8]? {
    var output = ByteWriter()
    switch event {
    case .requested(_, .datagram(let source, let destination, let payload)):
      let hardware = destination.address == .broadcast ? MACAddress.broadcast : server
      UDPDatagram.encodeFrame(
        to: destination, hardware: hardware, from: source, sourceHardware: machine,
        payload: payload.rawSpan, into: &output)
    case .done(_, .sent(let datagram)):
      let isBroadcast = datagram.destination.address == .broadcast
      UDPDatagram.encodeFrame(
        to: datagram.destination, hardware: isBroadcast ? .broadcast : machine,
        from: datagram.source, sourceHardware: server, payload: datagram.payload.rawSpan,
        into: &output)
    case .requested, .arrived, .due, .done, .responded, .addressed, .settled, .stopped, .started,
      .counted:
      return nil
    }
    return output.bytes
  }
}
