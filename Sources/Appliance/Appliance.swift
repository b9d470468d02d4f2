import Boot
import EventLoop
import Logging
import Network
import Services
import Store
import TLS

/// The one process: it owns the services, the ports and the store, and performs the actions.
///
/// Dull on purpose: bytes come in, a service decides, the actions are performed in order. It is
/// used on its loop only.
package final class Appliance {
  package let loop: EventLoop
  package internal(set) var settings: Settings
  package internal(set) var catalog: Catalog
  /// What is applied beside the configuration's files.
  package let editor = ObjectEditor()
  lazy var directory = NodeDirectory(loop)

  var dhcp = DHCPService()
  var tftp = TFTPService()
  var http = HTTPService()
  var router = RouterService()
  var dns = DNSService()
  /// Filled by one message, performed, cleared.
  var actions = Actions()
  /// For what follows from performing: the answer to an `open`.
  var followUps = Actions()
  var spareFollowUps: [Actions] = []

  let source: ConfigurationSource
  /// What the configuration in force was read from; nil: no files.
  var sources: ConfigurationSources?

  /// Locked for as long as we live.
  private let state: OwnFolder
  let leaseStore: LeaseStore
  let journal: LeaseJournal
  var api: APIServer?
  let registry: RegistryStore
  let registryJournal: RegistryJournal
  /// Tokens of the interface that the registry held at the start.
  private let restoredTokens: [TokenRow]
  var folderWatch: FolderWatch?
  /// What the operator was told of the configuration in force.
  var warnings: Set<String> = []
  var ports: [InterfacePorts] = []
  var interfaceWatch: InterfaceWatch?
  /// Our interfaces as they were when they were last looked at.
  var knownInterfaces: [NetworkInterface] = []
  var interfacesHaveChanged = false
  var files: FileTree
  var loaders: FileTree?
  /// What HTTPS ports speak by; nil where there are none.
  var tls: TLSContext?
  var certificates: [ServerCertificate] = []
  var openFiles = OpenFiles()
  var transfers: [TransferID: TransferPort] = [:]
  var connections: [ConnectionID: HTTPPort] = [:]
  var nameStreams: [ConnectionID: StreamConnection] = [:]
  var questions: [ForwardID: TransferSocket] = [:]
  var streamQuestions: [ForwardID: StreamQuestion] = [:]
  var connectionSerial: UInt64 = 0
  var frame = FrameWriter()
  /// By the interface's number: hear other servers' replies.
  var replySockets: [Int32: FrameSocket] = [:]
  /// By the interface's name.
  var floodTraces: [String: TracedFlood] = [:]
  /// nil: nothing is recorded.
  var recorder: FlightRecorder?
  /// Whether the text that is being recorded sends its machine to its own disk.
  var leadsToDisk = false
  let recordingLane = EventLoop.Lane("recordings")
  /// After one could not be written, no other is until then.
  var recordingsRestUntil = Instant(nanoseconds: .min)
  var recordingsUnderWay = 0
  /// Asks for addresses behind relays.
  var echo: EchoSocket?
  /// Why one was not sent, as it was told last.
  var echoFailure: SystemError?
  /// Frames that the kernel refused, when probes were looked at last; by the interface's number.
  var refusedFrames: [Int32: Int] = [:]

  var log: EventLog
  var timeline = Timeline()
  var counters = Counters()
  let started: UnixTime
  /// Whether the memory of the start has been given back.
  private var isSettled = false

  /// Opens the stores, reads the configuration with the applied objects, and opens the trees; ports
  /// come with ``start()``.
  ///
  /// - Parameter source: Read against the interfaces of this box: now, for each reload and with
  ///   each edit of objects.
  /// - Throws: ``StartError`` when this box cannot serve as configured, with what to do.
  package init(
    loop: EventLoop, log format: LogFormat, level: Logger.Level, source: ConfigurationSource
  ) throws(StartError) {
    self.loop = loop
    self.source = source
    let table = try Self.interfaces()
    folderWatch = source.folder.map { FolderWatch($0, loop) }
    state = try Self.state(source, table)
    let clock = ClockReading(
      now: loop.now, wallClock: loop.wallClock, boot: ClockReading.bootIdentifier())
    let isKnown = Folder.exists("\(state.path)/registry.sqlite")
    let opened = try Self.openRegistry(state.path, clock)
    let loaded = try Self.load(source, table, opened.store)
    guard loaded.settings.state == state.path else {
      throw StartError(
        "state: write it on a line of its own, as \"state: \(loaded.settings.state)\"")
    }
    settings = loaded.settings
    catalog = loaded.catalog
    certificates = loaded.certificates
    sources = loaded.sources
    tls = try Self.context(loaded)
    started = loop.wallClock
    log = EventLog(format: format, level: level)
    files = try Self.tree(settings.files, "files")
    loaders = try? FileTree(settings.loaders)
    let leases = try Self.openLeases(state.path, clock, isExpected: isKnown)
    leaseStore = leases.store
    journal = LeaseJournal(loop: loop, store: leases.store, boot: clock.boot)
    registry = opened.store
    restoredTokens = opened.contents.tokens
    registryJournal = RegistryJournal(
      loop: loop, boot: clock.boot, lane: EventLoop.Lane("registry")
    ) { [store = opened.store] changes, clock in try store.commit(changes, clock: clock) }
    for lease in leases.leases { dhcp.restore(lease) }
    if leases.mayLackLeases { dhcp.leasesWereLost(at: leases.lost ?? clock.now) }
    restore(opened.contents)
    disarmWhoIsGone()
    journal.onCommitted = { [unowned self] actions in perform(actions) }
    journal.onFailed = { [unowned self] error in leasesNotStored(error) }
    registryJournal.onCommitted = { [unowned self] actions in perform(actions) }
    registryJournal.onFailed = { [unowned self] error in registryNotStored(error) }
    renewRecorder()
    editor.begin(self, loaded.objects, opened.contents.generation)
    warn(of: loaded)
    tell(leases, opened)
  }

  /// As ``init(loop:log:level:source:)``, for what takes no objects.
  package convenience init(
    loop: EventLoop, log format: LogFormat, level: Logger.Level,
    load:
      @escaping @Sendable (InterfaceTable, UInt64) throws(ConfigurationMistakes) ->
      LoadedConfiguration
  ) throws(StartError) {
    try self.init(loop: loop, log: format, level: level, source: ConfigurationSource(load))
  }

  /// Opens the ports of every interface that exists, and begins to answer.
  package func start() throws(StartError) {
    let table = try Self.interfaces()
    for settings in catalog.interfaces { ports.append(try openPorts(settings, table, tls)) }
    api = try openAPI()
    try openAdmin(settings.admin, certificates)
    renewNames()
    loop.nextDeadline = { [unowned self] in
      [tftp.nextDeadline, dns.nextDeadline, dhcp.nextDeadline, dhcp.nextProbe].lazy
        .compactMap(\.self).min()
    }
    loop.onDeadline = { [unowned self] now in
      tftp.timeout(at: now, into: &actions)
      dns.timeout(dnsContext, into: &actions)
      performAll()
      probe(at: now)
      expireArmings(at: now)
    }
    loop.onEndOfTurn = { [unowned self] in
      journal.commit()
      api?.tellEvents()
      registryJournal.commit()
    }
    folderWatch?.onChange = { [unowned self] in reload() }
    dhcp.beginProbing(seed: .random(in: .min ... .max))
    renewDate()
    watchInterfaces(table)
    listenForServers()
    loop.every(.seconds(1)) { [unowned self] in tick() }
    loop.every(.seconds(15)) { [unowned self] in api?.keepStreamsAlive() }
    loop.every(.seconds(86_400)) { [unowned self] in warnOfExpiry() }
    record(Event(.applianceStarted(version: Self.version)))
    warnOfExpiry()
    warnOfSmallBuffers()
  }

  /// Each second.
  private func tick() {
    renewDate()
    journal.followClock()
    registryJournal.followClock()
    openFiles.forget()
    directory.prober.tick()
    followTrees()
    followInterfaces()
    followWires()
    folderWatch?.look()
    writeRecordings()
    log.tellSuppressed(at: loop.now, time: loop.wallClock)
    guard !isSettled else { return }
    isSettled = true
    ResidentMemory.dropStartUpPages()
  }

  private func openAPI() throws(StartError) -> APIServer {
    let path = settings.control
    do throws(SystemError) {
      return try APIServer(
        self, path: path, events: EventRing(start: started),
        tokens: TokenBook(restoredTokens.compactMap { AccessToken($0) }))
    } catch {
      guard !error.isTaken else {
        throw StartError(
          "control: another bootwire listens at \(path): stop that one, or give this one a"
            + " \"control\" of its own")
      }
      throw StartError(
        "control: \(path) cannot be opened: \(error); make its folder, and give it to the user that"
          + " bootwire runs as")
    }
  }

  /// Stops answering; what is under way is cut off.
  package func stop() {
    api?.close()
    interfaceWatch?.close()
    directory.prober.close()
    for port in ports { port.close() }
    closeWires()
    echo?.close()
    for transfer in transfers.values { transfer.close() }
    record(Event(.applianceStopped))
  }

  package static let version = "0.1.0"

  /// Tells the world: log, timeline, counters. Who it is about is found by address.
  func record(_ event: Event) {
    var event = event
    if event.macAddress == nil, let address = event.address {
      event.macAddress = dhcp.machine(at: address, at: loop.now)
    }
    let time = loop.wallClock
    counters.count(event.fact)
    timeline.record(event, at: time)
    noteEvent(event)
    api?.record(event, at: time)
    log.write(event, at: loop.now, time: time)
    if case .floodSeen(let name, _, _) = event.fact { traceFlood(on: name) }
  }

  /// Tells what the configuration has that works and is hardly meant, and was not told before.
  func warn(of loaded: LoadedConfiguration) {
    let texts = Set(loaded.warnings + loaded.refusedLoaders)
    for text in loaded.warnings where !warnings.contains(text) {
      record(Event(.configurationWarned(text: text)))
    }
    for text in loaded.refusedLoaders where !warnings.contains(text) {
      record(Event(.loaderRefused(reason: text)))
    }
    warnings = texts
  }

  static func interfaces() throws(StartError) -> InterfaceTable {
    do throws(SystemError) { return try InterfaceTable.read() } catch {
      throw StartError("the interfaces of this box cannot be read: \(error)")
    }
  }

  private static func tree(_ path: String, _ key: String) throws(StartError) -> FileTree {
    do throws(SystemError) { return try FileTree(path) } catch {
      throw StartError("\(key): \(path) cannot be opened: \(error)")
    }
  }

  private func warnOfSmallBuffers() {
    guard let bytes = ports.compactMap(\.smallReceiveBuffer).min() else { return }
    record(Event(.receiveBufferSmall(bytes: bytes, wanted: InterfacePorts.receiveBufferWanted)))
  }
}

/// Why an appliance cannot start, in one sentence with what to do.
package struct StartError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
