import Bytes
import EventLoop
import Services

/// An HTTP connection: its stream, what the service knows of it, and the file being sent.
final class HTTPPort {
  let stream: StreamConnection
  var state: HTTPConnection
  /// The file that `opened` was told of; gone once it is being sent.
  var file: File?
  /// A head that waits for its file, so that both leave in one call.
  private var head: [UInt8] = []
  /// What the recorder keeps of it; nil: nothing.
  var flow: StreamFlow?
  /// Whether the body under way has been given its time.
  var hasAllowedBody = false

  init(stream: StreamConnection, state: HTTPConnection) {
    self.stream = stream
    self.state = state
  }

  func respond(_ bytes: Actions.Bytes, of actions: Actions) {
    guard file == nil else {
      head.append(contentsOf: actions.octets(bytes))
      return
    }
    actions.withOctets(bytes) { stream.send($0) }
  }

  /// Sends what `respond` held back, with this part of the file or without any.
  func flush(offset: Int = 0, count: Int = 0) {
    guard let file else { return }
    self.file = nil
    if count > 0 {
      stream.send(head.rawSpan, file: file, offset: Int64(offset), count: Int64(count))
    } else {
      stream.send(head.rawSpan)
    }
    head.removeAll(keepingCapacity: true)
  }
}
