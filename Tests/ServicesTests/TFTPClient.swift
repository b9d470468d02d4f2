import Bytes
import Network
import Wire

/// A TFTP client as a value: it follows RFC 7440 in order and asks again when nothing comes.
struct TFTPClient {
  let endpoint: Endpoint
  let options: TFTPOptionValues
  let fileName: String
  /// The server's port for this transfer; nil until it has answered.
  var server: UInt64?
  var content: [UInt8] = []
  var isDone = false
  var lastHeard = Instant.start
  private var received: UInt64 = 0
  private var sinceACK: UInt16 = 0
  private var hasAskedAgain = false

  init(_ endpoint: Endpoint, _ fileName: String, _ options: TFTPOptionValues) {
    self.endpoint = endpoint
    self.fileName = fileName
    self.options = options
  }

  private var blockSize: Int { Int(options.blockSize ?? 512) }

  var request: [UInt8] {
    var writer = ByteWriter()
    TFTPPacket.encodeRequest(.readRequest, name: fileName.utf8, options: options, into: &writer)
    return writer.bytes
  }

  /// What it sends again when nothing came for a second.
  mutating func repeated(at now: Instant) -> [UInt8] {
    lastHeard = now
    return server == nil ? request : acknowledgement
  }

  private var acknowledgement: [UInt8] {
    [0, 4, UInt8(received >> 8 & 0xff), UInt8(received & 0xff)]
  }

  /// Takes a packet and gives the answer, if there is one.
  mutating func receive(_ bytes: [UInt8], from server: UInt64, at now: Instant) -> [UInt8]? {
    guard let packet = try? TFTPPacket(checking: bytes.rawSpan) else { return nil }
    if self.server == nil { self.server = server }
    guard self.server == server else { return nil }
    lastHeard = now
    switch packet {
    case .optionAcknowledgement: return received == 0 ? acknowledgement : nil
    case .data(let block, let payload):
      guard block == UInt16(truncatingIfNeeded: received + 1) else {
        // After a gap, or for what is there already, it says once where it stands.
        if hasAskedAgain && !isDone { return nil }
        hasAskedAgain = true
        sinceACK = 0
        return acknowledgement
      }
      received += 1
      sinceACK += 1
      hasAskedAgain = false
      content += payload.octets()
      isDone = payload.byteCount < blockSize
      guard isDone || sinceACK >= options.windowSize ?? 1 else { return nil }
      sinceACK = 0
      return acknowledgement
    case .readRequest, .writeRequest, .acknowledgement, .error: return nil
    }
  }
}
