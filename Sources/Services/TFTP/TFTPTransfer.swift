import Network
import Wire

/// One file on its way to one endpoint.
struct TFTPTransfer: Sendable {
  /// Who asked: the same endpoint on two interfaces is two clients, as with overlapping VLANs.
  struct Client: Hashable, Sendable {
    let endpoint: Endpoint
    let interface: Int32
  }

  enum Phase: Sendable {
    /// The driver has yet to say what the resource holds.
    case opening
    /// An OACK is out and awaits ACK 0.
    case negotiating
    /// DATA is out.
    case sending
  }

  let id: TransferID
  let arrival: Arrival
  let name: String
  let mode: TFTPMode
  let asked: TFTPOptionValues
  /// The largest block that fits the link's packets.
  let linkBlockSize: Int
  let started: Instant
  var client: Client { Client(endpoint: arrival.source, interface: arrival.interface) }

  var phase = Phase.opening
  var granted = TFTPOptionValues()
  var byteCount = 0
  /// RFC 1350's, until an option says otherwise.
  var blockSize = 512
  var windowSize: UInt64 = 1
  /// Number of the last block that the client has, without roll-over; 0 before the first.
  var acknowledged: UInt64 = 0
  /// Number of the last block sent.
  var sent: UInt64 = 0
  /// Times that what is awaited was sent.
  var tries = 0
  var pause: Duration
  /// When the client was last heard.
  var heard: Instant
  var resent = 0
  /// Whether a window was begun again since the last progress.
  var hasRestarted = false

  init(
    id: TransferID, arrival: Arrival, name: String, mode: TFTPMode, asked: TFTPOptionValues,
    linkBlockSize: Int, pause: Duration, at now: Instant
  ) {
    self.id = id
    self.arrival = arrival
    self.name = name
    self.mode = mode
    self.asked = asked
    self.linkBlockSize = linkBlockSize
    self.pause = pause
    started = now
    heard = now
  }

  /// The block that ends the transfer: shorter than the others, and empty when the file fills its
  /// last block exactly (RFC 1350 §6).
  var lastBlock: UInt64 { UInt64(byteCount / blockSize) + 1 }

  /// The next window's blocks.
  var window: Blocks {
    let first = acknowledged + 1
    let last = min(acknowledged + windowSize, lastBlock)
    return Blocks(
      first: first, count: Int(last - acknowledged), blockSize: blockSize,
      lastCount: last == lastBlock ? byteCount % blockSize : blockSize,
      endpoint: arrival.source)
  }

  /// Grants what was asked, as far as the limits and the link allow (RFC 2347 §3: never more).
  mutating func open(byteCount: Int, limits: TFTPLimits) {
    self.byteCount = byteCount
    if let asked = asked.blockSize {
      blockSize = Int(min(asked, UInt64(max(8, min(linkBlockSize, 65464)))))
      granted.blockSize = UInt64(blockSize)
    }
    if asked.transferSize != nil { granted.transferSize = UInt64(byteCount) }
    if let asked = asked.timeout {
      pause = .seconds(Int(asked))
      granted.timeout = asked
    }
    if let asked = asked.windowSize {
      let size = min(asked, limits.windowSize)
      windowSize = UInt64(size)
      granted.windowSize = size
    }
  }

  /// The number without roll-over of the block that an ACK names; nil for one that is not out.
  ///
  /// Block numbers go from 65535 on to 0, so an ACK is told by its distance from the last one.
  func block(acknowledgedBy number: UInt16) -> UInt64? {
    let distance = number &- UInt16(truncatingIfNeeded: acknowledged)
    let block = acknowledged + UInt64(distance)
    return block <= sent ? block : nil
  }

  /// Whether an ACK that names the last block again begins its window anew.
  ///
  /// Never with one block out (RFC 1123 §4.2.3.1): each duplicate would be doubled for the rest of
  /// the file. With a window it says that its first block was lost (RFC 7440 §4), and is believed
  /// once, so that a doubled ACK cannot double the blocks without end.
  var mayRestart: Bool { windowSize > 1 && !hasRestarted }

  /// Whether the client has every block but the last, which it was sent.
  var awaitsLastAcknowledgement: Bool {
    phase == .sending && acknowledged > 0 && acknowledged + 1 == lastBlock && sent == lastBlock
  }

  /// Whether the client has answered, so that its address is no invention of a third party.
  var isVerified: Bool { acknowledged > 0 || (phase == .sending && !granted.isEmpty) }

  func firstPause(_ limits: TFTPLimits) -> Duration {
    granted.timeout.map { .seconds(Int($0)) } ?? limits.timeout
  }
}
