import Boot
import Logging
import Network

/// Writes events through swift-log, one line each.
struct EventLog {
  private var logger: Logger
  private let format: LogFormat
  private var budget = LogBudget()

  init(format: LogFormat, level: Logger.Level) {
    logger = Logger(label: "bootwire") { _ in LineLogHandler() }
    logger.logLevel = level
    self.format = format
  }

  mutating func write(_ event: Event, at now: Instant, time: UnixTime) {
    let level = event.fact.severity.level
    guard level >= logger.logLevel else { return }
    tellSuppressed(at: now, time: time)
    guard !event.fact.isOwn else { return emit(EventLine(event, at: time), level) }
    switch budget.spend(event.macAddress, at: now) {
    case .suppress: return
    case .write: emit(EventLine(event, at: time), level)
    case .writeAndAnnounce:
      emit(EventLine(event, at: time), level)
      let fact = Fact.logSuppressed(seconds: LogBudget.window.wholeSeconds)
      emit(EventLine(Event(fact, macAddress: event.macAddress), at: time), .warning)
    }
  }

  /// Says how many lines were left out, when it is over. Called now and then, for a flood may be
  /// followed by silence.
  mutating func tellSuppressed(at now: Instant, time: UnixTime) {
    guard let count = budget.takeSuppressed(at: now) else { return }
    emit(EventLine(Event(.logResumed(lines: count)), at: time), .warning)
  }

  private func emit(_ line: EventLine, _ level: Logger.Level) {
    logger.log(level: level, "\(format == .json ? line.json() : line.text())")
  }
}

extension Fact.Severity {
  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warning: .warning
    case .error: .error
    }
  }
}
