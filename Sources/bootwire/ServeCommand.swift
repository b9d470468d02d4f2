import Appliance
import ArgumentParser
import Boot
import EventLoop
import Logging

/// `bootwire serve`
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Answer DHCP, TFTP and HTTP until stopped.",
    discussion: """
      SIGHUP reads the configuration again, and so does a change in its folder; a bad one changes
      nothing.
      Without a configuration it is a proxyDHCP: beside the router or server that gives addresses,
      it only says where to boot from, and machines boot FOLDER/boot.ipxe.
      """)

  @Option(help: "The configuration: a YAML file, or a folder of them.")
  var config: String?

  @Option(help: "Without a configuration: the interface to answer on as a proxyDHCP.")
  var interface: String?

  @Option(help: "Without a configuration: the folder to serve; /srv/bootwire if not given.")
  var files: String?

  @Option(help: "How log lines are written: text or json.")
  var logFormat = LogFormat.text

  @Option(help: "The least that is logged.")
  var logLevel = LogLevel.info

  func validate() throws {
    guard config == nil || interface == nil else {
      throw ValidationError("give --config or --interface, not both")
    }
    guard config != nil || interface != nil else {
      throw ValidationError("give --config FILE, or --interface NAME")
    }
    guard files == nil || interface != nil else {
      throw ValidationError("--files goes with --interface: a configuration names its own folder")
    }
  }

  func run() throws {
    CreationMask.keepPrivate()
    let loop = try EventLoop()
    do throws(StartError) {
      let appliance = try Appliance(
        loop: loop, log: logFormat, level: logLevel.level, source: source)
      try appliance.start()
      Self.serve(appliance, on: loop)
    } catch {
      StandardError.write(line: "bootwire: \(error)")
      throw ExitCode.failure
    }
  }

  private var source: ConfigurationSource {
    if let config { return ConfigurationSource(path: config) }
    let (interface, files) = (interface ?? "", files)
    return ConfigurationSource { table, generation throws(ConfigurationMistakes) in
      try LoadedConfiguration.proxy(on: interface, files: files, table, generation: generation)
    }
  }

  /// Runs until a signal; tells systemd when we are ready, alive, reloading and stopping.
  private static func serve(_ appliance: Appliance, on loop: EventLoop) {
    let supervisor = Notification()
    let status = { "serving site \(appliance.catalog.site)" }
    for signal in [SignalNumber.terminate, .interrupt] {
      loop.onSignal(signal.rawValue) {
        supervisor.stopping()
        appliance.stop()
        loop.stop()
      }
    }
    loop.onSignal(SignalNumber.hangUp.rawValue) {
      supervisor.reloading()
      appliance.reload { _ in supervisor.ready(status()) }
    }
    if let interval = supervisor.watchdogInterval {
      loop.every(interval) { supervisor.alive() }
    }
    supervisor.ready(status())
    loop.run()
  }
}

extension LogFormat: ExpressibleByArgument {}

/// `--log-level`
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
  case debug
  case info
  case warning
  case error

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}

/// The signals that we take, by their numbers on Linux.
private enum SignalNumber: Int32 {
  case hangUp = 1
  case interrupt = 2
  case terminate = 15
}
