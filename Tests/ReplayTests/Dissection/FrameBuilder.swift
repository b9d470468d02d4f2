import Bytes
import Network
import Wire

/// Makes frames for dissection, one millisecond apart.
struct FrameBuilder {
  static let client = IPv4Address(10, 0, 0, 9)
  static let server = IPv4Address(10, 0, 0, 1)
  static let clientHardware = MACAddress(2, 0, 0, 0, 0, 9)
  static let serverHardware = MACAddress(2, 0, 0, 0, 0, 1)

  private(set) var frames: [Frame] = []

  mutating func add(_ octets: [UInt8], link: LinkType = .ethernet, originalCount: Int? = nil) {
    frames.append(
      Frame(
        number: frames.count + 1, time: 1_700_000_000_000_000_000 + Int64(frames.count) * 1_000_000,
        link: link, originalCount: originalCount ?? octets.count, octets: octets))
  }

  /// A UDP datagram of the client's, or with `fromServer` of the server's.
  mutating func udp(
    _ source: UInt16, _ destination: UInt16, _ payload: [UInt8], fromServer: Bool = false
  ) {
    add(Self.ethernet(Self.udp(source, destination, payload, fromServer: fromServer)))
  }

  static func udp(
    _ source: UInt16, _ destination: UInt16, _ payload: [UInt8], fromServer: Bool = false
  ) -> [UInt8] {
    let head = Self.words(source, destination, UInt16(8 + payload.count), 0)
    return Self.packet(17, head + payload, fromServer: fromServer)
  }

  /// A TCP segment between the client's port 2000 and the server's port 80.
  mutating func tcp(
    _ sequence: UInt32, _ text: String = "", flags: UInt8 = 0x10, acknowledging: UInt32 = 0,
    fromServer: Bool = false, ports: (client: UInt16, server: UInt16) = (2000, 80)
  ) {
    let payload = Array(text.utf8)
    let (source, destination) =
      fromServer ? (ports.server, ports.client) : (ports.client, ports.server)
    var head = Self.words(source, destination)
    head += Self.words(UInt16(sequence >> 16), UInt16(truncatingIfNeeded: sequence))
    head += Self.words(UInt16(acknowledging >> 16), UInt16(truncatingIfNeeded: acknowledging))
    head += [0x50, flags] + Self.words(0xffff, 0, 0)
    add(Self.ethernet(Self.packet(6, head + payload, fromServer: fromServer)))
  }

  /// Both SYNs; the client's bytes begin at 1, the server's at 1 too, unless said otherwise.
  mutating func open(client: UInt32 = 0, server: UInt32 = 0) {
    tcp(client, flags: 0x02)
    tcp(server, flags: 0x12, fromServer: true)
  }

  /// Both FINs.
  mutating func close(client: UInt32, server: UInt32) {
    tcp(server, flags: 0x11, fromServer: true)
    tcp(client, flags: 0x11)
  }

  /// An IPv4 packet whose head has no checksum yet, as on the machine that sends it.
  static func packet(
    _ protocolNumber: UInt8, _ payload: [UInt8], fromServer: Bool = false,
    identification: UInt16 = 0, fragment: UInt16 = 0
  ) -> [UInt8] {
    let (source, destination) = fromServer ? (server, client) : (client, server)
    var writer = ByteWriter()
    writer.write(0x4500 as UInt16)
    writer.write(UInt16(20 + payload.count))
    writer.write(identification)
    writer.write(fragment)
    writer.write(64 as UInt8)
    writer.write(protocolNumber)
    writer.write(0 as UInt16)
    writer.write(source.number)
    writer.write(destination.number)
    writer.write(payload)
    return writer.bytes
  }

  static func ethernet(
    _ packet: [UInt8], outer: UInt16? = nil, tags: [UInt16] = []
  ) -> [UInt8] {
    var octets: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9]
    if let outer { octets += words(0x88a8, outer) }
    for tag in tags { octets += words(0x8100, tag) }
    return octets + words(0x0800) + packet
  }

  static func words(_ words: UInt16...) -> [UInt8] {
    words.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  }

  // TFTP

  static func request(_ name: String, _ options: TFTPOptionValues = .init()) -> [UInt8] {
    var writer = ByteWriter()
    TFTPPacket.encodeRequest(.readRequest, name: Array(name.utf8), options: options, into: &writer)
    return writer.bytes
  }

  static func acknowledgement(_ options: TFTPOptionValues) -> [UInt8] {
    var writer = ByteWriter()
    options.encodeAcknowledgement(into: &writer)
    return writer.bytes
  }

  static func block(_ number: UInt16, _ payload: [UInt8]) -> [UInt8] { words(3, number) + payload }
  static func block(_ number: UInt16, _ count: Int) -> [UInt8] {
    block(number, [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count))
  }
  static func ack(_ number: UInt16) -> [UInt8] { words(4, number) }
  static func error(_ code: UInt16) -> [UInt8] { words(5, code) + [0x61, 0] }
}
