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

  /// Reads the configuration anew, as generation so-and-so of the catalog.
  private let load: (InterfaceTable, UInt64) throws(ConfigurationMistakes) -> LoadedConfiguration

  /// Locked for as long as we live.
  private let state: OwnFolder
  let journal: LeaseJournal
  var api: APIServer?
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

  /// Makes changes durable, then calls back with whether they are.
  var keep: ([RegistryChange], @escaping (Bool) -> Void) -> Void = { _, then in then(true) }

  var log: EventLog
  var timeline = Timeline()
  var counters = Counters()
  let started: UnixTime
  /// Whether the memory of the start has been given back.
  private var isSettled = false

  /// Reads the configuration, and opens the store and the trees; ports come with ``start()``.
  ///
  /// - Parameter load: Reads the configuration against the interfaces of this box, as generation
  ///   so-and-so of the catalog: now, and for each reload.
  /// - Throws: ``StartError`` when this box cannot serve as configured, with what to do.
  package init(
    loop: EventLoop, log format: LogFormat, level: Logger.Level,
    load: @escaping (InterfaceTable, UInt64) throws(ConfigurationMistakes) -> LoadedConfiguration
  ) throws(StartError) {
    self.loop = loop
    self.load = load
    let loaded: LoadedConfiguration
    let table = try Self.interfaces()
    do throws(ConfigurationMistakes) { loaded = try load(table, 1) } catch {
      throw StartError(error.description)
    }
    settings = loaded.settings
    catalog = loaded.catalog
    certificates = loaded.certificates
    tls = try Self.context(loaded)
    started = loop.wallClock
    log = EventLog(format: format, level: level)
    files = try Self.tree(settings.files, "files")
    loaders = try? FileTree(settings.loaders)
    let boot = ClockReading.bootIdentifier()
    state = try Self.own(settings.state)
    let opened = try Self.open(loaded.settings, loop, boot)
    journal = LeaseJournal(loop: loop, store: opened.store, boot: boot)
    for lease in opened.leases { dhcp.restore(lease) }
    journal.onCommitted = { [unowned self] actions in perform(actions) }
    journal.onFailed = { [unowned self] error in leasesNotStored(error) }
    warn(of: loaded)
    if let aside = opened.setAside {
      record(
        Event(
          .databaseSetAside(
            path: aside.path, reason: aside.reason.description, salvaged: aside.salvaged)))
    }
  }

  /// Opens the ports of every interface that exists, and begins to answer.
  package func start() throws(StartError) {
    let table = try Self.interfaces()
    for settings in catalog.interfaces { ports.append(try openPorts(settings, table, tls)) }
    api = try openAPI()
    try openAdmin(settings.admin, certificates)
    renewNames()
    loop.nextDeadline = { [unowned self] in
      [tftp.nextDeadline, dns.nextDeadline, dhcp.nextDeadline].lazy.compactMap(\.self).min()
    }
    loop.onDeadline = { [unowned self] now in
      tftp.timeout(at: now, into: &actions)
      dns.timeout(dnsContext, into: &actions)
      performAll()
      expireArmings(at: now)
    }
    loop.onEndOfTurn = { [unowned self] in
      journal.commit()
      api?.tellEvents()
    }
    renewDate()
    watchInterfaces(table)
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
    openFiles.forget()
    directory.prober.tick()
    followTrees()
    followInterfaces()
    log.tellSuppressed(at: loop.now, time: loop.wallClock)
    guard !isSettled else { return }
    isSettled = true
    ResidentMemory.dropStartUpPages()
  }

  private func openAPI() throws(StartError) -> APIServer {
    let path = settings.control
    do throws(SystemError) {
      return try APIServer(
        self, path: path, events: EventRing(start: started), tokens: TokenBook())
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
    api?.record(event, at: time)
    log.write(event, at: loop.now, time: time)
  }

  /// The configuration as it is on disk now.
  func loadAgain(_ table: InterfaceTable) throws(ConfigurationMistakes) -> LoadedConfiguration {
    try load(table, catalog.generation + 1)
  }

  /// Tells what the configuration has that works and is hardly meant.
  func warn(of loaded: LoadedConfiguration) {
    for text in loaded.warnings { record(Event(.configurationWarned(text: text))) }
    for text in loaded.refusedLoaders { record(Event(.loaderRefused(reason: text))) }
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

  private static func own(_ path: String) throws(StartError) -> OwnFolder {
    do throws(SystemError) { return try OwnFolder(path) } catch {
      guard error.isHeld else {
        throw StartError(
          "state: \(path) cannot be used: \(error); make it, and give it to the user that bootwire"
            + " runs as")
      }
      throw StartError(
        "state: \(path) is in use by another bootwire: stop that one, or give this one a \"state\""
          + " of its own")
    }
  }

  private static func open(
    _ settings: Settings, _ loop: EventLoop, _ boot: String
  ) throws(StartError) -> LeaseStore.Opened {
    let path = "\(settings.state)/leases.sqlite"
    do throws(StoreError) {
      return try LeaseStore.open(
        at: path, clock: ClockReading(now: loop.now, wallClock: loop.wallClock, boot: boot))
    } catch { throw StartError("leases: \(error)") }
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
