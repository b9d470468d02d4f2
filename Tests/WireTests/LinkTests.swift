import Bytes
import Network
import RecordedPackets
import Testing
import Wire

@Suite struct LinkTests {
  /// A DHCP reply's frame to a machine without an address.
  private static func frame(payload: [UInt8] = Array("bootwire".utf8)) -> [UInt8] {
    var writer = ByteWriter()
    UDPDatagram.encodeFrame(
      to: Endpoint(IPv4Address(10, 77, 1, 9), 68),
      hardware: MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56),
      from: Endpoint(IPv4Address(10, 77, 0, 1), 67),
      sourceHardware: MACAddress(2, 0, 0, 0, 0, 1), payload: payload.rawSpan, into: &writer)
    return writer.bytes
  }

  @Test func aFrameComesBackAsItWasEncoded() throws {
    for payload in [[], [7], Array("bootwire".utf8), [UInt8](repeating: 0xff, count: 1471)] {
      let bytes = Self.frame(payload: payload)
      let ethernet = try EthernetFrame(checking: bytes.rawSpan)
      #expect(ethernet.destination == MACAddress(0x52, 0x54, 0, 0x12, 0x34, 0x56))
      #expect(ethernet.source == MACAddress(2, 0, 0, 0, 0, 1))
      #expect(ethernet.type == EtherType.ipv4)
      #expect(ethernet.vlan == nil)
      let packet = try IPv4Packet(checking: ethernet.payload)
      #expect(packet.source == IPv4Address(10, 77, 0, 1))
      #expect(packet.destination == IPv4Address(10, 77, 1, 9))
      #expect(packet.timeToLive == 64)
      let isFragment = packet.isFragment
      #expect(isFragment == false)
      let datagram = try UDPDatagram(checking: packet)
      #expect(datagram.sourcePort == 67)
      #expect(datagram.destinationPort == 68)
      let read = datagram.payload.octets()
      #expect(read == payload)
    }
  }

  @Test func theHeadHasTheChecksumOfItsWellKnownExample() throws {
    // The worked example that every textbook repeats: 0xb861.
    let head = try #require(
      Hexadecimal.octets("45000073000040004011b861c0a80001c0a800c7"))
    let bytes = head + [UInt8](repeating: 0, count: 0x73 - 20)
    let packet = try IPv4Packet(checking: bytes.rawSpan)
    #expect(packet.source == IPv4Address(192, 168, 0, 1))
    let count = packet.payload.byteCount
    #expect(count == 0x73 - 20)
    var writer = ByteWriter()
    IPv4Packet.encodeHead(
      from: packet.source, to: packet.destination, protocolNumber: 17, payloadCount: 0x73 - 20,
      into: &writer)
    #expect(writer.bytes == head)
  }

  @Test func everySingleChangedOctetOfADatagramIsFound() throws {
    let bytes = Self.frame()
    for index in EthernetFrame.headLength..<bytes.count {
      // A checksum of 0 says that there is none, and a longer UDP length than the IP packet fails.
      var mutant = bytes
      mutant[index] ^= 0x10
      #expect(throws: Malformed.self, "octet \(index)") {
        let packet = try IPv4Packet(
          checking: mutant.rawSpan.extracting(EthernetFrame.headLength...))
        _ = try UDPDatagram(checking: packet)
      }
    }
  }

  @Test func aChecksumOfZeroIsNotChecked() throws {
    var bytes = Self.frame()
    bytes[40] = 0
    bytes[41] = 0
    let packet = try IPv4Packet(checking: bytes.rawSpan.extracting(EthernetFrame.headLength...))
    let port = try UDPDatagram(checking: packet).destinationPort
    #expect(port == 68)
  }

  @Test func paddingIsNotPayload() throws {
    let bytes = Self.frame(payload: [1, 2]) + [UInt8](repeating: 0xaa, count: 16)
    let packet = try IPv4Packet(checking: bytes.rawSpan.extracting(EthernetFrame.headLength...))
    let datagram = try UDPDatagram(checking: packet)
    let payload = datagram.payload.octets()
    #expect(payload == [1, 2])
  }

  @Test func optionsOfTheHeadAreSkippedAndFragmentsRecognised() throws {
    func packet(fragment: UInt16) -> [UInt8] {
      var head: [UInt8] = [
        0x46, 0, 0, 26, 0, 1, UInt8(fragment >> 8), UInt8(fragment & 0xff), 64, 17, 0, 0, 10, 0, 0,
        1, 10, 0, 0, 2, 1, 1, 1, 0, 8, 9,
      ]
      var checksum = InternetChecksum()
      checksum.add(head.rawSpan.extracting(0..<24))
      head[10] = UInt8(checksum.value >> 8)
      head[11] = UInt8(checksum.value & 0xff)
      return head
    }
    let whole = packet(fragment: 0)
    let first = packet(fragment: 0x2000)
    let last = packet(fragment: 0x00b9)
    let view = try IPv4Packet(checking: whole.rawSpan)
    let payload = view.payload.octets()
    #expect(payload == [8, 9])
    let isFragment = view.isFragment
    #expect(isFragment == false)
    let hasMore = try IPv4Packet(checking: first.rawSpan).hasMoreFragments
    let offset = try IPv4Packet(checking: last.rawSpan).fragmentOffset
    #expect(hasMore)
    #expect(offset == 1480)
    #expect(throws: Malformed(.unsupported("protocol"), at: 9)) {
      _ = try UDPDatagram(checking: try IPv4Packet(checking: first.rawSpan))
    }
  }

  @Test(
    "Case 18: VLAN tags, one or two, are taken off",
    arguments: [
      ("8100 0005 0800", 5, nil, 0x0800),
      ("8100 e000 0800", nil, nil, 0x0800),
      ("88a8 0064 8100 2007 0806", 7, 100, 0x0806),
    ] as [(String, UInt16?, UInt16?, UInt16)])
  func tagsAreTakenOff(_ hex: String, _ vlan: UInt16?, _ service: UInt16?, _ type: UInt16) throws {
    let tags = try #require(Hexadecimal.octets(hex.filter { $0 != " " }))
    let bytes = [UInt8](repeating: 2, count: 12) + tags + [0x45]
    let frame = try EthernetFrame(checking: bytes.rawSpan)
    #expect(frame.vlan == vlan)
    #expect(frame.serviceVLAN == service)
    #expect(frame.type == type)
    let payload = frame.payload.octets()
    #expect(payload == [0x45])
  }

  @Test("Case 18: three tags are refused") func threeTagsAndLengthFramesAreRefused() {
    let tag: [UInt8] = [0x81, 0, 0, 5]
    let three = [UInt8](repeating: 2, count: 12) + tag + tag + tag + [8, 0]
    #expect(throws: Malformed(.excessive("VLAN tags"), at: 22)) {
      _ = try EthernetFrame(checking: three.rawSpan)
    }
    let spanningTree = [UInt8](repeating: 2, count: 12) + [0, 38, 0x42, 0x42, 3]
    #expect(throws: Malformed(.unsupported("802.3 length"), at: 12)) {
      _ = try EthernetFrame(checking: spanningTree.rawSpan)
    }
  }

  @Test func anARPPacketComesBackAsItWasEncoded() throws {
    let probe = ARPPacket(
      .request, senderHardware: MACAddress(2, 0, 0, 0, 0, 1), sender: .unspecified,
      targetHardware: .zero, target: IPv4Address(10, 77, 1, 9))
    var writer = ByteWriter()
    probe.encode(into: &writer)
    let bytes = writer.bytes
    #expect(bytes.count == 28)
    let read = try ARPPacket(decoding: bytes.rawSpan)
    #expect(read == probe)
    var decoded = 0
    Mutants.each(of: bytes) { mutant in
      if (try? ARPPacket(decoding: mutant.rawSpan)) != nil { decoded += 1 }
    }
    #expect(decoded > 60)
  }

  @Test func noPrefixOrChangedOctetTraps() {
    var decoded = 0
    for frame in [
      Self.frame(), [UInt8](repeating: 2, count: 12) + [0x81, 0, 0, 5] + Self.frame()[12...],
    ] {
      Mutants.each(of: frame) { mutant in if Self.walk(mutant) { decoded += 1 } }
    }
    #expect(decoded > 0)
  }

  @Test(.enabled(if: CaptureFile.arePresent)) func everyFrameOfTheCapturesIsRead() throws {
    for file in try CaptureFile.all() {
      var datagrams = 0
      for frame in file.frames {
        if Self.walk(frame) { datagrams += 1 }
        if frame.count > 13, frame[12...13] == [8, 6] {
          let frame = try EthernetFrame(checking: frame.rawSpan)
          _ = try ARPPacket(decoding: frame.payload)
        }
      }
      #expect(datagrams > 0, "\(file.name)")
    }
  }

  /// Whether a whole UDP datagram was found in the frame, whatever its checksum: what the lab's
  /// host sends is captured before its checksum is written.
  private static func walk(_ bytes: [UInt8]) -> Bool {
    do {
      let frame = try EthernetFrame(checking: bytes.rawSpan)
      guard frame.type == EtherType.ipv4 else { return false }
      let packet = try IPv4Packet(checking: frame.payload)
      let datagram = try UDPDatagram(checking: packet, ignoringChecksum: true)
      return datagram.payload.byteCount <= bytes.count
    } catch {
      return false
    }
  }
}
