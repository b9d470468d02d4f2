import EventLoop
import Logging

/// Writes each message as a line of its own to standard error, where systemd's journal reads it.
///
/// The message is a whole line already; time and level are in it.
struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    StandardError.write(line: "\(event.message)")
  }
}
