import Network
import Wire

/// The DATA of one TFTP transfer, as pieces of its frames.
struct TransferPieces: Sendable {
  let client: Endpoint
  let server: IPv4Address
  let name: [UInt8]
  /// Whether the machine sends the file.
  let isWrite: Bool
  var blockSize = 512
  /// Every copy of every block, by its number without the rollover at 65,536.
  private var blocks: [(number: Int, pieces: [Piece])] = []
  private var first: [Int: Int] = [:]
  private var last = 0
  private var final: Int?

  init(client: Endpoint, server: IPv4Address, name: [UInt8], isWrite: Bool) {
    self.client = client
    self.server = server
    self.name = name
    self.isWrite = isWrite
  }

  mutating func take(block: UInt16, _ pieces: [Piece]) {
    // The number that is nearest to the last one: some count on from 65,535 at 0, some at 1.
    let step = Int(Int16(bitPattern: block &- UInt16(truncatingIfNeeded: last)))
    let number = max(0, last + step)
    if let final, number > final { return }
    last = max(last, number)
    if first[number] == nil { first[number] = blocks.count }
    blocks.append((number, pieces))
    if pieces.octetCount < blockSize { final = number }
  }

  /// The file's octets in order, as far as they go without a gap, and whether that is all of it.
  func file(_ read: ([Piece]) -> [UInt8]) -> (octets: [UInt8], isWhole: Bool) {
    var octets: [UInt8] = []
    var number = 1
    while let index = first[number] {
      let pieces = blocks[index].pieces
      octets += read(pieces)
      // A short block is the last one (RFC 1350 §2).
      if pieces.octetCount < blockSize { return (octets, true) }
      number += 1
    }
    return (octets, false)
  }

  /// All copies of all blocks. What has a block's number and other octets is of another file, whose
  /// request was not recorded.
  func copies(_ read: ([Piece]) -> [UInt8]) -> [Piece] {
    blocks.flatMap { number, pieces -> [Piece] in
      guard let index = first[number] else { return [] }
      return read(pieces) == read(blocks[index].pieces) ? pieces : []
    }
  }
  /// Whether its last block has been seen, so that the same request begins another transfer.
  var isDone: Bool { final != nil }
  var isEmpty: Bool { blocks.isEmpty }
}
