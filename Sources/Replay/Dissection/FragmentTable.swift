import Network
import Wire

/// Puts the fragments of IPv4 datagrams together (RFC 791 §3.2), a bounded number at a time.
struct FragmentTable {
  private struct Key: Hashable {
    var source: IPv4Address
    var destination: IPv4Address
    var protocolNumber: UInt8
    var identification: UInt16
  }

  private struct Pending {
    var places = PlaceList()
    /// The whole payload's, known by the fragment that no more follow.
    var byteCount: Int?
    var heldCount = 0
    var firstFrame: Int
    var lastFrame: Int
  }

  private var pending: [Key: Pending] = [:]
  /// Oldest first.
  private var order: [Key] = []

  /// Takes a fragment whose payload lies at `range` of the frame's octets; gives the datagram that
  /// it completes.
  mutating func take(
    _ packet: borrowing IPv4Packet, at range: Range<Int>, frame: Int, link: LinkHead,
    frames: [Frame], limits: DissectionLimits, remarks: inout Remarks
  ) -> InternetPayload? {
    let end = packet.fragmentOffset + range.count
    guard end <= 0xffff, !range.isEmpty, !packet.hasMoreFragments || range.count % 8 == 0 else {
      remarks.add(.malformed, "packet \(frames[frame].number) is a fragment of no valid length")
      return nil
    }
    let key = Key(
      source: packet.source, destination: packet.destination,
      protocolNumber: packet.protocolNumber, identification: packet.identification)
    if pending[key] == nil {
      if order.count >= limits.fragmentedDatagrams { giveUp(order[0], frames, &remarks) }
      order.append(key)
    }
    var datagram = pending[key] ?? Pending(firstFrame: frame, lastFrame: frame)
    datagram.lastFrame = frame
    if !packet.hasMoreFragments, datagram.byteCount == nil { datagram.byteCount = end }
    if datagram.places.count < limits.fragments {
      let copies = datagram.places.insert(
        Place(
          start: packet.fragmentOffset, count: range.count, frame: frame, offset: range.lowerBound))
      datagram.heldCount += range.count - copies.reduce(0) { $0 + $1.count }
    }
    guard datagram.heldCount == datagram.byteCount, datagram.places.covers(datagram.heldCount)
    else {
      pending[key] = datagram
      return nil
    }
    forget(key)
    return InternetPayload(
      source: key.source, destination: key.destination, protocolNumber: key.protocolNumber,
      octets: Self.join(datagram.places.places, frames), range: 0..<datagram.heldCount,
      frame: frame, fragments: datagram.places.places, link: link)
  }

  /// Tells of the datagrams that were never whole.
  mutating func finish(_ frames: [Frame], _ remarks: inout Remarks) {
    for key in order { giveUp(key, frames, &remarks) }
  }

  private static func join(_ places: [Place], _ frames: [Frame]) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(places.last?.end ?? 0)
    for place in places {
      octets += frames[place.frame].octets[place.offset..<place.offset + place.count]
    }
    return octets
  }

  private mutating func giveUp(_ key: Key, _ frames: [Frame], _ remarks: inout Remarks) {
    if let datagram = pending[key] {
      let first = frames[datagram.firstFrame].number
      let last = frames[datagram.lastFrame].number
      let packets = first == last ? "packet \(first)" : "packets \(first) to \(last)"
      remarks.add(
        .fragment,
        "fragments from \(key.source) to \(key.destination) (\(packets)) are not a whole datagram")
    }
    forget(key)
  }

  private mutating func forget(_ key: Key) {
    pending[key] = nil
    order.removeAll { $0 == key }
  }
}
