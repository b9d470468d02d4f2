import Boot
import Network
import Services
import Wire

/// A recorded machine on the stage: what it has been told here, and what came of it.
struct ReplayedMachine: Sendable {
  let recorded: RecordedMachine
  /// Its address in the world; nil until it is offered one.
  var address: IPv4Address?
  /// Which server it names to us, by the last OFFER.
  var server: IPv4Address?
  /// What it was told to fetch, there and here.
  var recordedBootFile = ""
  var bootFile = ""
  /// Firmware, as the last question that shows one showed it.
  var firmware: Firmware?
  /// Whoever asks now: firmware, or a system that does not boot. As its last DISCOVER said.
  var asking: Firmware?
  /// Our last ACK, another server's where that gives the address, and the reply that named what
  /// to boot.
  var acknowledgement: DHCPMeaning?
  var bootReply: DHCPMeaning?
  var transfers: [TransferPlay] = []
  /// The connections of the world by those of the recording.
  var connections: [Int: ConnectionID] = [:]
  var transcript = Transcript()
  var observations: [Observation] = []
  var sayings = Sayings()
  /// Messages that wanted an answer and got the one they needed.
  var answered = 0
  /// How many questions of which type it has said on end, and how many more were not played.
  var monotony: (type: DHCPMessageType?, count: Int) = (nil, 0)
  var leftOut = 0
  /// Whether it was permitted to install here.
  var isArmed = false
  /// Whether something that it was told to boot came to it whole.
  var hasBooted = false
  /// The rest of the recording is another boot's: a firmware model goes on from here.
  var hasLeft = false

  /// The packet with which a boot begins that came to nothing in the recording; nil: it did not.
  let deadEnd: Int?
  /// Where the recorded boot came to its end; nil where it came to something.
  let stop: RecordedStop?
  /// The last script that it got here, and from where.
  var lastScript: (text: String, url: BootURL)?
  /// Whether it asks port 4011 anywhere in the recording.
  let asksBootServer: Bool
  /// What our messages said otherwise than the recorded server's, for each to be told once.
  var differences: Set<String> = []

  /// An address of the recording's machine as it is here.
  func here(_ there: IPv4Address) -> IPv4Address {
    recorded.addresses.contains(there) ? address ?? there : there
  }

  init(_ recorded: RecordedMachine) {
    self.recorded = recorded
    firmware = recorded.firmware
    asksBootServer = recorded.asksBootServer
    stop = RecordedStop(recorded)
    deadEnd = RecordedFailure(recorded).map { _ in recorded.steps.first?.frame ?? 0 }
  }

  var firstFailure: Observation? { observations.first { $0.kind == .failure } }

  mutating func observe(
    _ kind: Observation.Kind, at step: BootStep, _ place: RecordedStep, _ text: String
  ) {
    observations.append(Observation(kind, at: step, frame: place.frame, time: place.time, text))
    transcript.add(kind == .difference ? .difference : .remark, at: place.time, text)
  }
}
