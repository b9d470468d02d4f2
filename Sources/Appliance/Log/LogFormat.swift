/// How a log line is written.
package enum LogFormat: String, CaseIterable, Sendable {
  /// `2026-11-22T15:04:05.678Z info lease.granted mac=… lease=…`
  case text
  /// One JSON object a line.
  case json
}
