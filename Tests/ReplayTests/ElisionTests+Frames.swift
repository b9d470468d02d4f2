import Bytes
import Network
import Replay
import Wire

// The frames that it plays with.
extension ElisionTests {
  static func numbered(_ frames: [Frame]) -> [Frame] {
    frames.enumerated().map { index, frame in
      Frame(
        number: index + 1, time: 0, link: .ethernet, originalCount: frame.originalCount,
        octets: frame.octets)
    }
  }

  static func transfer(_ name: String, _ file: [UInt8]) -> [Frame] {
    var frames = [datagram(asker, Endpoint(server, 69), request(1, name))]
    for number in 0...(file.count / 512) {
      let block = file.dropFirst(number * 512).prefix(512)
      frames.append(datagram(port, asker, [0, 3, 0, UInt8(number + 1)] + block))
      frames.append(datagram(asker, port, [0, 4, 0, UInt8(number + 1)]))
    }
    return frames
  }

  static func request(_ operation: UInt8, _ name: String) -> [UInt8] {
    [0, operation] + Array(name.utf8) + [0] + Array("octet\0".utf8)
  }

  static func datagram(_ from: Endpoint, _ to: Endpoint, _ payload: [UInt8]) -> Frame {
    var output = ByteWriter()
    UDPDatagram.encodeFrame(
      to: to, hardware: MACAddress(2, 0, 0, 0, 0, 2), from: from,
      sourceHardware: MACAddress(2, 0, 0, 0, 0, 1), payload: payload.rawSpan, into: &output)
    return frame(output.bytes, original: output.count)
  }

  /// A handshake, the request, and the response in segments of 400.
  static func exchange(request: String, response: [UInt8]) -> [Frame] {
    let browser = Endpoint(client, 49_152)
    let web = Endpoint(server, 80)
    var frames = [
      segment(browser, web, 1000, flags: 2, []), segment(web, browser, 0xffff_ff00, flags: 18, []),
      segment(browser, web, 1001, flags: 24, Array(request.utf8)),
    ]
    for start in stride(from: 0, to: response.count, by: 400) {
      let part = Array(response[start..<min(start + 400, response.count)])
      // It passes the end of the sequence numbers.
      frames.append(segment(web, browser, 0xffff_ff01 &+ UInt32(start), flags: 24, part))
    }
    return frames
  }

  static func segment(
    _ from: Endpoint, _ to: Endpoint, _ sequence: UInt32, flags: UInt16, _ payload: [UInt8]
  ) -> Frame {
    var output = ByteWriter()
    EthernetFrame.encodeHead(
      to: MACAddress(2, 0, 0, 0, 0, 2), from: MACAddress(2, 0, 0, 0, 0, 1), type: EtherType.ipv4,
      into: &output)
    IPv4Packet.encodeHead(
      from: from.address, to: to.address, protocolNumber: 6, payloadCount: 20 + payload.count,
      into: &output)
    output.write(from.port)
    output.write(to.port)
    output.write(sequence)
    output.write(UInt32(0))
    output.write(0x5000 | flags)
    output.write(UInt16(1024))
    output.write(UInt32(0))
    output.write(payload)
    return frame(output.bytes, original: output.count)
  }

  /// The frame's packet in two fragments, `count` octets of payload in the first.
  static func fragments(of frame: Frame, at count: Int) -> [Frame] {
    let payload = Array(frame.octets[34...])
    return [(0, payload[..<count], UInt16(0x2000)), (count, payload[count...], 0)].map {
      offset, part, flags in
      var head = Array(frame.octets[..<34])
      let length = 20 + part.count
      head[16] = UInt8(length >> 8)
      head[17] = UInt8(length & 255)
      let field = flags | UInt16(offset / 8)
      head[20] = UInt8(field >> 8)
      head[21] = UInt8(field & 255)
      head[24] = 0
      head[25] = 0
      var sum = InternetChecksum()
      sum.add(Array(head[14...]).rawSpan)
      head[24] = UInt8(sum.value >> 8)
      head[25] = UInt8(sum.value & 255)
      return Self.frame(head + part, original: head.count + part.count)
    }
  }

  static func frame(_ octets: [UInt8], original: Int) -> Frame {
    Frame(number: 1, time: 0, link: .ethernet, originalCount: original, octets: octets)
  }

  /// Whether no eight octets of `file` in a row are left anywhere. Those of the program are from 128
  /// on, and few other octets are.
  static func isClean(_ frames: [Frame], of file: [UInt8]) -> Bool {
    let runs = file == program ? programRuns : runs(of: file)
    return frames.allSatisfy { frame in
      frame.octets.count < 8
        || (0...frame.octets.count - 8).allSatisfy { start in
          guard frame.octets[start] != 0, frame.octets[start + 7] != 0 else { return true }
          return !runs.contains(number(frame.octets, start))
        }
    }
  }

  private static let programRuns = runs(of: program)

  static func runs(of file: [UInt8]) -> Set<UInt64> {
    Set((0...file.count - 8).map { number(file, $0) })
  }

  static func number(_ octets: [UInt8], _ start: Int) -> UInt64 {
    var number: UInt64 = 0
    for offset in 0..<8 { number = number << 8 | UInt64(octets[start + offset]) }
    return number
  }

  static func text(_ frames: [Frame]) -> String {
    String(decoding: frames.flatMap { $0.octets.dropFirst(54) }, as: UTF8.self)
  }
}
