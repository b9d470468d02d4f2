import Bytes
import Network
import Wire

/// A TFTP transfer as it goes in the world: what has come of a file so far.
struct TransferPlay: Sendable {
  /// Which step of the machine asked.
  let step: Int
  /// Client's side, here.
  let client: Endpoint
  let name: String
  let asked: TFTPOptionValues
  /// Our port, once we have answered.
  var port: UInt16?
  var granted: TFTPOptionValues?
  /// The code of our ERROR.
  var refusal: UInt16?
  /// Whether the client's packets are made here instead of taken from the recording, because our
  /// blocks are others.
  var isPaced = false
  /// Between a window and its ACK, where it is paced.
  var pace = Duration.zero
  /// Blocks that have come without a gap.
  var blockCount: UInt64 = 0
  var byteCount = 0
  var isDone = false
  /// What is wrong with our packets, the first of it.
  private(set) var fault: String?
  /// The blocks whose first copy is yet to be lost on its way, as in the recording.
  var lost: Set<UInt64> = []
  /// What we were supplied for it, in a recorded world.
  var supply: WorldFile?
  private var sinceAcknowledgement: UInt64 = 0

  init(step: Int, client: Endpoint, name: String, asked: TFTPOptionValues) {
    self.step = step
    self.client = client
    self.name = name
    self.asked = asked
  }

  var blockSize: Int { Int(granted?.blockSize ?? 512) }

  /// Takes a packet of ours; true when a paced client now acknowledges.
  mutating func receive(_ payload: [UInt8], from port: UInt16, of file: WorldFile?) -> Bool {
    guard let packet = try? TFTPPacket(checking: payload.rawSpan) else { return false }
    switch packet {
    case .optionAcknowledgement(let options):
      self.port = port
      if granted == nil {
        let values = TFTPOptionValues(options)
        granted = values
        let refusals = TransferRule.refusals(of: values, to: asked).map { "OACK: \($0)" }
        fault = refusals.first ?? sizeFault(values, file)
      }
      return blockCount == 0
    case .error(let code, _):
      refusal = code
      return false
    case .data(let number, let bytes):
      self.port = port
      guard number == UInt16(truncatingIfNeeded: blockCount + 1), !isDone else { return false }
      if lost.remove(blockCount + 1) != nil { return false }
      if fault == nil { fault = blockFault(bytes, file) }
      blockCount += 1
      byteCount += bytes.byteCount
      isDone = bytes.byteCount < blockSize
      if isDone, fault == nil, let file, byteCount != file.byteCount {
        fault = "ended after \(byteCount) of \(file.byteCount) bytes"
      }
      sinceAcknowledgement += 1
      guard isDone || sinceAcknowledgement >= UInt64(granted?.windowSize ?? 1) else { return false }
      sinceAcknowledgement = 0
      return true
    case .readRequest, .writeRequest, .acknowledgement: return false
    }
  }

  /// EDK II makes room for as much as the OACK says, and has no file without it.
  private func sizeFault(_ values: TFTPOptionValues, _ file: WorldFile?) -> String? {
    guard asked.transferSize != nil, let file else { return nil }
    guard let size = values.transferSize else { return "OACK: tsize: is not answered" }
    return size == UInt64(file.byteCount)
      ? nil : "OACK: tsize: is \(size), and the file has \(file.byteCount) bytes"
  }

  private func blockFault(_ bytes: RawSpan, _ file: WorldFile?) -> String? {
    if bytes.byteCount > blockSize {
      return "block \(blockCount + 1) has \(bytes.byteCount) bytes, and \(blockSize) were agreed on"
    }
    guard let file else { return nil }
    let count = min(bytes.byteCount, max(0, file.byteCount - byteCount))
    return count == bytes.byteCount && bytes.equals(file.octets(from: byteCount, count: count))
      ? nil : "came with other bytes"
  }

  /// ACK of what has come.
  var acknowledgement: [UInt8] {
    [0, 4, UInt8(blockCount >> 8 & 0xff), UInt8(blockCount & 0xff)]
  }
}
