import Bytes
import Network

/// An IPv4 packet read in place (RFC 791). Its options are skipped.
package struct IPv4Packet: ~Escapable {
  package let source: IPv4Address
  package let destination: IPv4Address
  /// 17 is UDP, 6 TCP.
  package let protocolNumber: UInt8
  package let timeToLive: UInt8
  package let identification: UInt16
  /// Where `payload` lies in the datagram that was fragmented, in bytes.
  package let fragmentOffset: Int
  package let hasMoreFragments: Bool
  /// Bytes before `payload`, options too.
  package let headCount: Int
  /// What the total length counts after the head: Ethernet's padding is not part of it.
  package let payload: RawSpan

  package static let headLength = 20

  /// Whether this is one piece of a datagram and so holds no whole UDP or TCP head and payload.
  package var isFragment: Bool { hasMoreFragments || fragmentOffset > 0 }

  /// Checks lengths and the head's checksum; the receiver drops a packet that fails.
  ///
  /// - Parameter asCaptured: For frames captured on the machine that sent them: the checksum is not
  ///   looked at, and a total length of 0 stands for all the bytes there are, because Linux writes
  ///   none in a packet that its network card is to cut into segments.
  @_lifetime(copy bytes)
  package init(checking bytes: RawSpan, asCaptured: Bool = false) throws(Malformed) {
    var reader = ByteReader(bytes)
    let first: UInt8 = try reader.read()
    guard first >> 4 == 4 else { throw Malformed(.unsupported("IP version"), at: 0) }
    let headLength = Int(first & 0xf) * 4
    guard headLength >= Self.headLength else { throw Malformed(.invalid("head length"), at: 0) }
    try reader.skip(1)
    var totalLength = Int(try reader.read(UInt16.self))
    if asCaptured, totalLength == 0 { totalLength = bytes.byteCount }
    guard totalLength >= headLength else { throw Malformed(.invalid("total length"), at: 2) }
    guard totalLength <= bytes.byteCount else { throw Malformed(.truncated, at: bytes.byteCount) }
    identification = try reader.read()
    let fragment: UInt16 = try reader.read()
    hasMoreFragments = fragment & 0x2000 != 0
    fragmentOffset = Int(fragment & 0x1fff) * 8
    timeToLive = try reader.read()
    protocolNumber = try reader.read()
    try reader.skip(2)
    source = IPv4Address(try reader.read())
    destination = IPv4Address(try reader.read())
    if !asCaptured {
      var checksum = InternetChecksum()
      checksum.add(bytes.extracting(0..<headLength))
      guard checksum.value == 0 else { throw Malformed(.invalid("head checksum"), at: 10) }
    }
    headCount = headLength
    payload = bytes.extracting(headLength..<totalLength)
  }

  /// Appends a head without options for `payloadCount` bytes: don't fragment, TTL 64.
  package static func encodeHead(
    from source: IPv4Address, to destination: IPv4Address, protocolNumber: UInt8,
    payloadCount: Int, into writer: inout ByteWriter
  ) {
    precondition(payloadCount <= 0xffff - headLength, "an IPv4 packet has at most 65535 bytes")
    let totalLength = UInt16(headLength + payloadCount)
    var checksum = InternetChecksum()
    checksum.add(UInt16(0x4500))
    checksum.add(totalLength)
    checksum.add(UInt16(0x4000))
    checksum.add(0x4000 | UInt16(protocolNumber))
    checksum.add(source.number)
    checksum.add(destination.number)
    writer.write(UInt16(0x4500))
    writer.write(totalLength)
    writer.write(UInt16(0))
    writer.write(UInt16(0x4000))
    writer.write(UInt8(64))
    writer.write(protocolNumber)
    writer.write(checksum.value)
    writer.write(source.number)
    writer.write(destination.number)
  }
}
