import Network
import Wire

/// One TCP connection while its segments are read.
struct ConnectionAssembly {
  /// One end and what it sent.
  struct Side {
    var endpoint: Endpoint
    var hardware: MACAddress?
    var stream = StreamAssembly()
    /// Whether it sent the SYN that opens.
    var isOpener = false
  }

  let frame: Int
  private(set) var sides: [Side]
  private(set) var frameCount = 0

  /// - Parameter frame: The first, by its index.
  init(frame: Int, source: Endpoint, destination: Endpoint) {
    self.frame = frame
    sides = [Side(endpoint: source), Side(endpoint: destination)]
  }

  /// Whether a SYN opens another connection between the same ports.
  func isSucceeded(by source: Endpoint, synchronize number: UInt32) -> Bool {
    sides[side(source)].stream.isForeign(synchronize: number)
  }

  mutating func receive(
    _ segment: borrowing TCPSegment, in payload: InternetPayload, limit: Int
  ) {
    frameCount += payload.frameCount
    let own = side(Endpoint(payload.source, segment.sourcePort))
    if sides[own].hardware == nil { sides[own].hardware = payload.link.source }
    if segment.isAcknowledgement {
      sides[1 - own].stream.acknowledge(segment.acknowledgementNumber)
    }
    // What a reset says in its payload is no part of the stream (RFC 9293 §3.10.7.4).
    if segment.isReset { return }
    var number = segment.sequenceNumber
    if segment.isSynchronize {
      sides[own].stream.synchronize(number)
      if !segment.isAcknowledgement { sides[own].isOpener = true }
      number &+= 1
    }
    let count = segment.payload.byteCount
    let end = payload.range.lowerBound + segment.headCount + count
    sides[own].stream.receive(
      number, payload.places(of: end - count..<end, from: 0), count: count,
      isFinish: segment.isFinish, by: payload.frame, limit: limit)
  }

  mutating func settle() {
    sides[0].stream.settle()
    sides[1].stream.settle()
  }

  private func side(_ endpoint: Endpoint) -> Int { sides[0].endpoint == endpoint ? 0 : 1 }
}
