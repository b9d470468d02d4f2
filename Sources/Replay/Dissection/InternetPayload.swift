import Network
import Wire

/// What one IPv4 datagram carries, whole, with the way back to its frames.
struct InternetPayload {
  let source: IPv4Address
  let destination: IPv4Address
  let protocolNumber: UInt8
  /// Holds the payload at `range`: the frame's own octets, or those of fragments put together.
  let octets: [UInt8]
  let range: Range<Int>
  /// Of the frame that completes it.
  let frame: Int
  /// Where each part of `octets` came from; empty when it is the frame itself.
  let fragments: [Place]
  let link: LinkHead

  var frameCount: Int { max(1, fragments.count) }

  /// Where the bytes at `part` of `octets` lie in frames; the places count from `start`.
  func places(of part: Range<Int>, from start: Int) -> [Place] {
    guard !part.isEmpty else { return [] }
    guard !fragments.isEmpty else {
      return [Place(start: start, count: part.count, frame: frame, offset: part.lowerBound)]
    }
    return fragments.compactMap { fragment in
      guard var place = fragment.clamped(to: part) else { return nil }
      place.start += start - part.lowerBound
      return place
    }
  }
}
