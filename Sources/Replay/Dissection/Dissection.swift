import Bytes
import Network
import Wire

extension Recording {
  /// Takes the frames of a capture apart.
  ///
  /// Where a capture cut the payload of TFTP or TCP off, it is read as zeros, and the contents that
  /// they are part of say that they are elided: so ``Elision`` keeps recordings small.
  ///
  /// It reads IPv4 in Ethernet frames with and without VLAN tags, in Linux's cooked frames and
  /// without a link. No frame makes it fail: what cannot be read is left out and has a remark.
  /// Checksums are not looked at, except that wrong ones of IPv4 heads have a remark.
  package init(_ frames: [Frame], limits: DissectionLimits = DissectionLimits()) {
    var dissection = Dissection(frames, limits)
    for index in frames.indices { dissection.take(index) }
    self = dissection.finished()
  }
}

/// The dissection of one capture.
struct Dissection {
  /// Cut ones with zeros for what is missing.
  private(set) var frames: [Frame]
  private let limits: DissectionLimits
  private var cuts = CutFrames()
  /// What ``Elision`` wants to know besides; nil when nobody does.
  private(set) var trace: DissectionTrace?
  /// Of each frame, since the first, never going back.
  private var times: [Instant] = []
  private var fragments = FragmentTable()
  private var transfers: TransferTable
  private var connections: ConnectionTable
  private var recording = Recording()
  private var remarks = Remarks()

  /// 100 years: so far no clock of a capture goes, and durations can still be added to it.
  private static let latest: Int64 = 100 * 365 * 86_400 * 1_000_000_000

  init(_ frames: [Frame], _ limits: DissectionLimits, trace: DissectionTrace? = nil) {
    self.frames = frames
    self.limits = limits
    self.trace = trace
    transfers = TransferTable(limits, isTracing: trace != nil)
    connections = ConnectionTable(limits)
    times.reserveCapacity(frames.count)
  }

  mutating func take(_ index: Int) {
    advance(to: frames[index])
    cuts.mend(&frames[index], at: index, limit: limits.missingByteCount)
    let frame = frames[index]
    do throws(Malformed) {
      if case .other = frame.link {
        return remarks.add(.link, "packet \(frame.number) has a link type that is not read")
      }
      let octets = frame.octets
      let link = try LinkHead(checking: octets.rawSpan, frame.link)
      guard link.type == EtherType.ipv4 else { return }
      let bytes = octets.rawSpan.extracting(link.length..<octets.count)
      let packet = try IPv4Packet(checking: bytes, asCaptured: true)
      judgeChecksum(bytes.extracting(0..<packet.headCount), frame.number)
      let start = link.length + packet.headCount
      let range = start..<start + packet.payload.byteCount
      guard !packet.isFragment else {
        guard
          let whole = fragments.take(
            packet, at: range, frame: index, link: link, frames: frames, limits: limits,
            remarks: &remarks)
        else { return }
        return try read(whole, frame.number)
      }
      let payload = InternetPayload(
        source: packet.source, destination: packet.destination,
        protocolNumber: packet.protocolNumber, octets: octets, range: range, frame: index,
        fragments: [], link: link)
      try read(payload, frame.number)
    } catch {
      complain(of: frame, error)
    }
  }

  mutating func finished() -> Recording {
    fragments.finish(frames, &remarks)
    recording.transfers = transfers.finished(&remarks)
    var reading = ConnectionReading(
      frames: frames, times: times, headLimit: limits.headByteCount,
      budget: transfers.remainingBudget)
    for assembly in connections.assemblies { reading.read(assembly, &remarks) }
    trace?.keep(transfers.heads)
    trace?.keep(reading.heads)
    trace?.hide(transfers.secrets)
    trace?.hide(reading.secrets)
    if reading.otherCount > 0 {
      remarks.add(
        .connection,
        reading.otherCount == 1
          ? "1 TCP connection is not HTTP" : "\(reading.otherCount) TCP connections are not HTTP")
    }
    recording.connections = reading.connections
    recording.usedFrameCount += reading.usedFrameCount
    recording.frameCount = frames.count
    recording.duration = (times.last ?? .start) - .start
    cuts.mark(&recording)
    if let remark = cuts.remark { remarks.addOnce(.cut, remark) }
    recording.remarks = remarks.texts
    return recording
  }

  private mutating func advance(to frame: Frame) {
    let last = times.last ?? .start
    let (difference, overflow) = frame.time.subtractingReportingOverflow(frames[0].time)
    let exact = overflow ? (frame.time < 0 ? Int64.min : .max) : difference
    let time = Instant(nanoseconds: min(exact, Self.latest))
    if time < last { remarks.add(.clock, "packet \(frame.number) is older than the one before it") }
    times.append(max(time, last))
  }

  private mutating func judgeChecksum(_ head: RawSpan, _ number: Int) {
    var checksum = InternetChecksum()
    checksum.add(head)
    // 0 is what stands there until the network card has written it.
    guard checksum.value != 0, head.octet(at: 10) != 0 || head.octet(at: 11) != 0 else { return }
    remarks.add(.checksum, "packet \(number) has a wrong IPv4 head checksum")
  }

  private mutating func complain(of frame: Frame, _ error: Malformed) {
    switch error.reason {
    case .truncated where frame.isCut:
      remarks.add(.cut, CutFrames.remark(frame.number, frame.octets.count, frame.originalCount))
    // Spanning tree and its like: not ours, and nothing wrong with it.
    case .unsupported: break
    case .truncated, .invalid, .excessive:
      remarks.add(.malformed, "packet \(frame.number) is malformed: \(error)")
    }
  }

  private mutating func read(_ payload: InternetPayload, _ number: Int) throws(Malformed) {
    switch payload.protocolNumber {
    case TCPSegment.protocolNumber:
      trace?.takeSegment(payload)
      try connections.take(payload, number: number, &remarks)
    case UDPDatagram.protocolNumber:
      trace?.takeDatagram(payload)
      let octets = payload.octets
      let datagram = try UDPDatagram(reading: octets.rawSpan.extracting(payload.range))
      let start = payload.range.lowerBound + UDPDatagram.headLength
      let range = start..<start + datagram.payload.byteCount
      let recorded = RecordedDatagram(
        frame: number, time: times[payload.frame], sourceHardware: payload.link.source,
        destinationHardware: payload.link.destination,
        source: Endpoint(payload.source, datagram.sourcePort),
        destination: Endpoint(payload.destination, datagram.destinationPort),
        payload: Array(octets[range]))
      if keep(recorded, payload.places(of: range, from: 0)) {
        recording.usedFrameCount += payload.frameCount
      }
    default: trace?.takeOther(payload)
    }
  }

  private mutating func keep(_ datagram: RecordedDatagram, _ places: [Place]) -> Bool {
    let ports = [datagram.source.port, datagram.destination.port]
    let isMessage = ports.contains { DissectionTrace.messagePorts.contains($0) }
    if isMessage, let remark = cuts.remark(on: places, frames) {
      // Options that are zeros because they are missing would be read as none.
      remarks.add(.cut, remark)
      return false
    }
    if isMessage, !ports.contains(53) {
      guard Self.isBootMessage(datagram.payload) else {
        remarks.add(.datagram, "packet \(datagram.frame) is no DHCP message")
        return false
      }
      recording.messages.append(datagram)
      return true
    }
    if ports.contains(53) {
      recording.names.append(datagram)
      return true
    }
    return transfers.take(datagram, places, frames: frames, remarks: &remarks)
  }

  /// BOOTP's operation and RFC 2131's cookie: whether the rest is well formed is for others.
  private static func isBootMessage(_ payload: [UInt8]) -> Bool {
    payload.count >= DHCPMessage.minimumCount && (1...2).contains(payload[0])
      && payload[236..<240] == [99, 130, 83, 99]
  }
}
