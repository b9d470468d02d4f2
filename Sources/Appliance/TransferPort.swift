import Bytes
import EventLoop
import Network
import Services
import Wire

/// A TFTP transfer's socket with the content that it sends.
final class TransferPort {
  /// Where the bytes come from.
  enum Content {
    case file(File)
    /// Rendered text.
    case bytes([UInt8])

    var byteCount: Int {
      switch self {
      case .file(let file): Int(clamping: file.size)
      case .bytes(let bytes): bytes.count
      }
    }

    /// A rendered text's octets; nil for a file.
    var rendered: [UInt8]? {
      switch self {
      case .file: nil
      case .bytes(let bytes): bytes
      }
    }

    /// The content with the line ends of netascii mode; nil when it is too large or unreadable.
    var netASCII: [UInt8]? {
      guard byteCount <= NetASCII.limit else { return nil }
      switch self {
      case .file(let file):
        guard let bytes = try? file.read(at: 0, count: byteCount) else { return nil }
        return NetASCII.encode(bytes)
      case .bytes(let bytes): return NetASCII.encode(bytes)
      }
    }
  }

  let socket: TransferSocket
  private let content: Content
  /// What the recorder keeps of it; nil: nothing.
  var flow: TransferFlow?
  private var block = ByteWriter()

  init(socket: TransferSocket, content: Content) {
    self.socket = socket
    self.content = content
  }

  func send(_ bytes: RawSpan, to endpoint: Endpoint) { socket.send(bytes, to: endpoint) }

  /// Sends a window of DATA; throws when the file can no longer be read as it was.
  func send(_ blocks: Blocks) throws(SystemError) {
    switch content {
    case .file(let file):
      try socket.send(
        TransferSocket.Blocks(
          of: file, at: Int64(blocks.offset), firstNumber: blocks.first, size: blocks.blockSize,
          count: blocks.count, lastLength: blocks.lastCount),
        to: blocks.endpoint)
    case .bytes(let bytes):
      for index in 0..<blocks.count {
        let count = index == blocks.count - 1 ? blocks.lastCount : blocks.blockSize
        let start = min(blocks.offset + index * blocks.blockSize, bytes.count)
        block.clear()
        block.write(3 as UInt16)  // DATA
        block.write(UInt16(truncatingIfNeeded: blocks.first + UInt64(index)))
        block.write(bytes[start..<min(start + count, bytes.count)])
        socket.send(block.bytes.rawSpan, to: blocks.endpoint)
      }
    }
  }

  func close() { socket.close() }
}
