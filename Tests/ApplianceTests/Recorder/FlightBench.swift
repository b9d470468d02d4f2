import Boot
import Bytes
import Network
import Services
import Wire

@testable import Appliance
@testable import Replay

/// A boot server on a virtual link whose sockets' place a recorder takes: what a machine and the server
/// say to each other goes into it as the appliance puts it there.
struct FlightBench {
  static let own = IPv4Address(10, 77, 0, 1)
  static let hardware = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)

  /// The operator's files, by their paths.
  var files: [String: [UInt8]] = [
    "linux": [UInt8](repeating: 1, count: 300_000),
    "initrd.gz": [UInt8](repeating: 2, count: 500_000),
  ]
  var loaders = true
  var arguments = "quiet"
  private(set) var recorder = FlightRecorder(stall: .seconds(60))
  private var flows: [Endpoint: TransferFlow] = [:]
  private var streams: [Int: StreamFlow] = [:]
  private var sizes: [Endpoint: Int] = [:]
  private var lastConnection = 0

  var catalog: Catalog {
    Catalog(
      generation: 1, interfaces: [Interface(name: "eth0", number: 2, dhcp: .authoritative)],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 16), interface: "eth0",
          pools: [Pool(IPv4Address(10, 77, 1, 1), IPv4Address(10, 77, 1, 200))],
          router: IPv4Address(10, 77, 0, 254), ownAddress: Self.own)
      ],
      profiles: [
        Profile(
          name: "linux",
          boot: .kernel(
            KernelBoot(
              kernel: Template(verbatim: "linux"), initrd: [Template(verbatim: "initrd.gz")],
              arguments: Template(verbatim: arguments))), loader: loader)
      ], defaultProfile: .profile("linux"),
      loaders: LoaderRow.all.map { row in
        Loader(
          set: row.set, architecture: row.architecture, path: "\(row.set.rawValue)/\(row.file)",
          byteCount: 200_000)
      })
  }
  var loader = Loader.Set.ipxe

  var world: World {
    let (files, loaders) = (files, loaders)
    let names = Set(
      LoaderRow.all.map { "\($0.set.rawValue)/\($0.file)" }
        + LoaderCompanion.all.map { "\($0.set.rawValue)/\($0.file)" })
    return World(catalog: catalog) { tree, path in
      switch tree {
      case .files: files[path.description].map { WorldFile($0) }
      case .loaders:
        loaders && names.contains(path.description) ? WorldFile(byteCount: 200_000) : nil
      }
    }
  }

  /// Boots a machine; what came of it, and when.
  mutating func run(_ model: FirmwareModel, deaf: Bool = false) -> (BootProgress, Instant) {
    let server = VirtualLink.Server(VirtualAppliance(world), address: Self.own, interface: 2)
    var link = VirtualLink(servers: [server])
    link.add(BootMachine(model, MachineIdentity(macAddress: Self.hardware, seed: 7)))
    var copy = self
    link.run(until: .start + .seconds(300)) { now, event in copy.take(event, at: now) }
    // The ACK that makes it boot is on its way.
    let end = link.time
    while link.step(until: end + .milliseconds(100), { now, event in copy.take(event, at: now) }) {}
    self = copy
    return (link.clients[0].progress, end)
  }

  /// What the recorder has to write by `now`.
  mutating func flights(at now: Instant) -> [FlightRecorder.Flight] {
    recorder.due(at: now) { _ in false }.compactMap { seat, reason in
      for key in flows.keys where flows[key]?.seat == seat { flows[key]?.flush(into: &recorder) }
      return recorder.finish(seat, reason)
    } + recorder.takeAbandoned()
  }

  /// As a reader of the file finds it.
  static func recording(_ flight: FlightRecorder.Flight) -> (frames: [Frame], list: String) {
    var frames = FlightFrames(
      flight.machine, own: MACAddress(2, 0, 0, 0, 0, 1), now: .start,
      wallClock: UnixTime(seconds: 1_700_000_000))
    frames.add(FlightRecord.all(in: flight.octets))
    return (frames.ordered, frames.files.text)
  }

  private mutating func take(_ event: LinkEvent, at now: Instant) {
    switch event {
    case .requested(_, .datagram(let source, let destination, let payload)):
      hear(payload, source, destination, at: now)
    case .requested(_, .http(let connection, let endpoint, let octets)):
      lastConnection = connection
      if streams[connection] == nil, let seat = recorder.seat(of: Self.hardware) {
        streams[connection] = StreamFlow(
          seat: seat, client: Endpoint(IPv4Address(10, 77, 1, 1), UInt16(40_000 + connection)),
          server: endpoint, number: UInt64(connection))
      }
      streams[connection]?.heardHead(octets.rawSpan, into: &recorder, at: now)
    case .done(_, .sent(let datagram)): say(datagram, at: now)
    case .done(_, .responded(_, let octets)):
      streams[lastConnection]?.keepsBody = octets.firstRange(of: Array("#!ipxe".utf8)) != nil
      streams[lastConnection]?.said(octets.rawSpan, into: &recorder, at: now)
    case .done(_, .respondedFile(_, _, _, let count)):
      streams[lastConnection]?.saidFile(count, into: &recorder, at: now)
    case .done(_, .recorded(var event)):
      event.macAddress = Self.hardware
      recorder.take(event, .files(2), at: now)
    case .requested, .done, .settled, .arrived, .due, .responded, .addressed, .stopped, .started,
      .counted:
      break
    }
  }

  private mutating func hear(
    _ payload: [UInt8], _ source: Endpoint, _ destination: Endpoint, at now: Instant
  ) {
    let arrival = Arrival(
      source: source, destination: destination, local: Self.own, interface: 2)
    switch destination.port {
    case 67, 4011: recorder.hear(dhcp: payload.rawSpan, from: arrival, at: now)
    case 69:
      flows[source] = nil
      guard let seat = recorder.seat(of: Self.hardware) else { return }
      recorder.take(.heard, of: seat, source, destination, at: now, payload.rawSpan)
    case _: flows[source]?.heard(payload.rawSpan, into: &recorder, at: now)
    }
  }

  private mutating func say(_ datagram: SentDatagram, at now: Instant) {
    guard let seat = recorder.seat(of: Self.hardware) else { return }
    let payload = datagram.payload
    if [67, 4011, 69].contains(datagram.source.port) {
      return recorder.take(
        .said, of: seat, datagram.destination, datagram.source, at: now, payload.rawSpan)
    }
    let client = datagram.destination
    if flows[client] == nil {
      flows[client] = TransferFlow(seat, client: client, server: datagram.source, text: nil)
      sizes[client] = nil
    }
    guard payload.starts(with: [0, 3]) else {
      flows[client]?.said(payload.rawSpan, into: &recorder, at: now)
      return
    }
    let block = UInt64(payload[2]) << 8 | UInt64(payload[3])
    let count = payload.count - 4
    let size = sizes[client] ?? count
    sizes[client] = size
    guard payload.dropFirst(4).allSatisfy({ $0 == 10 || $0 >= 0x20 && $0 < 0x7f }), count > 0 else {
      flows[client]?.said(
        first: block, count: 1, size: size, last: count, into: &recorder, at: now)
      return
    }
    let window = FlightRecord.Window(count: 1, size: size, last: count)
    recorder.take(
      .blocks, of: seat, client, datagram.source, first: block, second: window.number, at: now,
      TokenMask.masked(Array(payload[4...])).rawSpan)
  }
}
