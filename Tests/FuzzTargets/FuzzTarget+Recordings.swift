import Bytes
import Capture
import Network
import Replay
import Wire

// What replay is given: files of whoever sent them.
extension FuzzTarget {
  private static var limits: CaptureLimits {
    var limits = CaptureLimits()
    limits.frames = 2000
    limits.octets = 1 << 20
    return limits
  }

  static func takePcap(_ octets: [UInt8]) throws(BrokenPromise) {
    guard let file = try? Savefile(octets, name: "a", limits: limits) else { return }
    let again = try? Savefile(
      SavefileWriter.octets(file.frames, file.link), name: "b", limits: limits)
    let counts = file.frames.map(\.octets)
    try BrokenPromise.unless(again?.frames.map(\.octets) == counts, "written again, it differs")
    _ = Recording(file.frames)
  }

  static func takeRecording(_ octets: [UInt8]) throws(BrokenPromise) {
    guard let file = try? Savefile(octets, name: "a", limits: limits) else { return }
    try play(file.frames)
  }

  /// Segments of TCP between a client and our port 80. Choice: 1 of the server's, 2 SYN, 4 FIN,
  /// 8 RST, 16 another port of the client's, 32 cut by the capture. The first two octets of a piece
  /// say where in the stream it belongs.
  static func takeTCP(_ octets: [UInt8]) throws(BrokenPromise) {
    var frames: [Frame] = []
    for piece in Pieces(octets) {
      let place = piece.octets.prefix(2).reduce(0) { $0 << 8 | UInt32($1) }
      let frame = segment(piece.choice, place, Array(piece.octets.dropFirst(2)))
      let isCut = piece.choice & 32 != 0
      frames.append(
        Frame(
          number: frames.count + 1, time: Int64(frames.count) * 1_000_000, link: .ethernet,
          originalCount: frame.count + (isCut ? 1000 : 0), octets: frame))
    }
    try play(frames)
  }

  /// Segments that TCP's numbers wrap round in, for the first is near their end.
  static func segment(_ choice: UInt8, _ place: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let (client, server) = (FuzzSite.armedAddress, FuzzSite.own)
    let port: UInt16 = choice & 16 == 0 ? 2000 : 2001
    let isOurs = choice & 1 != 0
    var writer = ByteWriter()
    let count = 20 + 20 + payload.count
    EthernetFrame.encodeHead(
      to: MACAddress(2, 0, 0, 0, 0, 1), from: FuzzSite.armed, type: EtherType.ipv4, into: &writer)
    writer.write(0x4500 as UInt16)
    writer.write(UInt16(truncatingIfNeeded: count))
    writer.write(0 as UInt32)
    writer.write(0x4006_0000 as UInt32)
    writer.write((isOurs ? server : client).number)
    writer.write((isOurs ? client : server).number)
    writer.write(isOurs ? 80 : port)
    writer.write(isOurs ? port : 80)
    writer.write(0xffff_ff00 &+ place)
    writer.write(0 as UInt32)
    writer.write(0x50 as UInt8)
    let flags = (choice & 2) | (choice & 4) >> 2 | (choice & 8) >> 1
    writer.write(0x10 | flags)
    writer.write(0xffff as UInt16)
    writer.write(0 as UInt32)
    writer.write(payload)
    return writer.bytes
  }

  /// A recording in its own world and in ours, elided and explained.
  private static func play(_ frames: [Frame]) throws(BrokenPromise) {
    _ = Elision(frames).files.map(\.name)
    let recording = Recording(frames)
    try BrokenPromise.unless(recording.remarks.count < 1000, "remarks without end")
    var own = Playback(recording, in: .recorded, watching: Set(frames.prefix(20).map(\.number)))
    _ = own.explanations().mapValues { "\($0)" }
    for setting in [Playback.Setting.recorded, .configured(FuzzSite.world())] {
      var playback = Playback(recording, in: setting)
      let text = ReplayText("a.pcap", playback.run()).transcript
      let isClean = !text.utf8.contains { $0 < 0x20 && $0 != 0x0a || $0 == 0x7f }
      try BrokenPromise.unless(isClean, "a control character stands in a transcript")
    }
  }

  static func takeElidedList(_ octets: [UInt8]) {
    guard let list = try? ElidedList(reading: octets) else { return }
    var recording = Recording()
    recording.mark(list)
  }
}
