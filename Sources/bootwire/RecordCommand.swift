import Appliance
import ArgumentParser
import Capture
import EventLoop
import Network

/// `bootwire record`
struct RecordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Record the boots of machines, each into a file of its own.",
    discussion: """
      Writes DIRECTORY/MAC_TIME.pcap for each machine that asks for an address or for a file by TFTP,
      until Ctrl-C: its DHCP, TFTP, DNS and HTTP, and nothing else. bootwire need not serve here, and
      any DHCP server can be recorded.

      --elide makes recordings that may be given to others: the bytes of files become zeros, or
      are cut off where nothing follows them in their packet, and FILE.pcap.elided lists the files with the SHA-256 of each. Text of at most 64 KiB stays (scripts,
      menus), and so do the heads of HTTP, but for tokens and credentials, which become ~: read them before
      you publish, for names and addresses are in them. What machines sent by HTTP does not stay, nor does anything that is not understood.
      """)

  @Option(help: "The interface to listen on.")
  var interface: String?

  @Option(
    help: ArgumentHelp(
      "With --elide: the recording to copy, instead of an interface.", valueName: "file"))
  var from: String?

  @Option(
    help: ArgumentHelp("With --from: the copy; FILE-elided.pcap if not given.", valueName: "file"))
  var to: String?

  @Flag(help: "Zero the bytes of files, and list these beside the recording.")
  var elide = false

  @Option(help: "Where the files are made.")
  var directory = "."

  @Option(
    name: .customLong("mac"),
    help: ArgumentHelp("Record only this machine; may be repeated.", valueName: "address"))
  var macAddresses: [String] = []

  @Option(help: "How many machines are recorded at most.")
  var machines = 64

  @Option(help: "The largest that a machine's file may get, in octets.")
  var bytes = 256 << 20

  @Option(
    name: .customLong("http-port"),
    help: ArgumentHelp(
      "A port that HTTP is spoken on; may be repeated; 80 if not given.", valueName: "port"))
  var httpPorts: [UInt16] = []

  func validate() throws {
    guard (interface == nil) != (from == nil) else {
      throw ValidationError("give --interface NAME to record, or --from FILE to elide a recording")
    }
    guard from == nil || elide else { throw ValidationError("--from goes with --elide.") }
    guard to == nil || from != nil else { throw ValidationError("--to goes with --from.") }
    for text in macAddresses where MACAddress(text) == nil {
      throw ValidationError("--mac \(text) is no hardware address.")
    }
    guard (1...4096).contains(machines) else {
      throw ValidationError("--machines is a number from 1 to 4096.")
    }
    guard bytes >= 4096 else { throw ValidationError("--bytes is at least 4096.") }
    guard httpPorts.count <= 16 else {
      throw ValidationError("--http-port is given at most 16 times.")
    }
  }

  func run() throws {
    CreationMask.keepPrivate()
    if let from { try Self.copy(from, to: to) }
    if let interface { try record(interface) }
  }

  private func record(_ interface: String) throws {
    let loop = try EventLoop()
    let ports = httpPorts.isEmpty ? [80] : httpPorts
    let capture = try LiveCapture(interface, CaptureFilter(httpPorts: ports))
    try NewFile.makeFolder(directory)
    let traffic = MachineTraffic(
      wanted: Set(macAddresses.compactMap { MACAddress($0) }), limit: machines, httpPorts: ports)
    let recorder = Recorder(
      folder: directory, traffic, link: capture.link, stamp: Self.stamp(),
      ending: elide ? Self.whole : Self.ending, limit: bytes)
    let recording = LiveRecording(loop: loop, capture, recorder)
    recording.start()
    for signal in Self.signals { loop.onSignal(signal) { recording.end() } }
    StandardError.write(
      line: "bootwire: recording \(interface) into \(directory), a file for each machine;"
        + " Ctrl-C ends it")
    loop.run()
    for file in recorder.recorded { print(try line(file)) }
    Self.say(capture.missedCount, "the kernel had no room for")
    Self.say(recorder.turnedAway, "of more machines than --machines were not recorded:")
    if let failure = recording.failure { throw Refusal(failure) }
  }

  /// INT and TERM, by their numbers on Linux.
  private static let signals: [Int32] = [2, 15]

  /// The time in files' names: 20261122T184235Z.
  private static func stamp() -> String {
    let time = Timestamp(WallClock.read()).description
    return String(time.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
  }

  private func line(_ file: Recorder.RecordedFile) throws -> String {
    var line = "\(file.writer.path): \(file.writer.frames) packets, \(file.writer.size) bytes"
    if elide { line = try Self.replace(file.writer.path, limit: bytes) }
    return file.leftOut == 0
      ? line : line + "; it is full, and \(file.leftOut) packets more were left out"
  }

  private static func say(_ count: Int, _ what: String) {
    if count > 0 { StandardError.write(line: "bootwire: \(what) \(count) packets") }
  }
}
