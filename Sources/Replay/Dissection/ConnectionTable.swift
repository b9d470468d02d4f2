import Bytes
import Network
import Wire

/// The TCP connections of a capture.
struct ConnectionTable {
  /// Both ends, the lower first.
  private struct Key: Hashable {
    var low: Endpoint
    var high: Endpoint

    init(_ one: Endpoint, _ other: Endpoint) {
      let isLow = (one.address.number, one.port) <= (other.address.number, other.port)
      low = isLow ? one : other
      high = isLow ? other : one
    }
  }

  private(set) var assemblies: [ConnectionAssembly] = []
  private var latest: [Key: Int] = [:]
  private let limits: DissectionLimits

  init(_ limits: DissectionLimits) { self.limits = limits }

  mutating func take(
    _ payload: InternetPayload, number: Int, _ remarks: inout Remarks
  ) throws(Malformed) {
    let octets = payload.octets
    let segment = try TCPSegment(reading: octets.rawSpan.extracting(payload.range))
    let source = Endpoint(payload.source, segment.sourcePort)
    let destination = Endpoint(payload.destination, segment.destinationPort)
    let key = Key(source, destination)
    if let index = latest[key] {
      let opens = segment.isSynchronize && !segment.isAcknowledgement
      guard opens,
        assemblies[index].isSucceeded(by: source, synchronize: segment.sequenceNumber)
      else {
        return assemblies[index].receive(segment, in: payload, limit: limits.waitingSegments)
      }
    }
    guard assemblies.count < limits.connections else {
      latest[key] = nil
      return remarks.add(.limit, "the connection of packet \(number) is one too many")
    }
    latest[key] = assemblies.count
    assemblies.append(
      ConnectionAssembly(frame: payload.frame, source: source, destination: destination))
    assemblies[assemblies.count - 1].receive(
      segment, in: payload, limit: limits.waitingSegments)
  }
}
