import Boot
import Network
import RecordedPackets
import Replay
import Services
import Testing
import Wire

/// Faults of our own packets in the recorded world: each mutation of what leaves us is named, and
/// none of them boots.
@Suite(.enabled(if: CaptureFile.arePresent, "the captures of real firmware are not here"))
struct PlantedReplyTests {
  /// A fault, and the words that name it.
  struct Fault: CustomTestStringConvertible, Sendable {
    let words: [String]
    var capture = "amd64-uefi-pxe-snponly"
    let change: @Sendable (SentDatagram) -> SentDatagram
    var testDescription: String { "\(capture): \(words.joined(separator: ", "))" }

    init(
      _ words: String..., of capture: String = "amd64-uefi-pxe-snponly",
      change: @escaping @Sendable (SentDatagram) -> SentDatagram
    ) {
      self.words = words
      self.capture = capture
      self.change = change
    }
  }

  /// Changes what a DHCP reply says.
  private static func reply(
    _ change: @escaping @Sendable (inout DHCPMeaning) -> Void
  ) -> @Sendable (SentDatagram) -> SentDatagram {
    { sent in
      guard [67, 4011].contains(sent.source.port), var meaning = DHCPMeaning(reading: sent.payload)
      else { return sent }
      change(&meaning)
      return sent.saying(meaning.encoded())
    }
  }

  /// Sends replies elsewhere.
  private static func address(
    _ change: @escaping @Sendable (SentDatagram) -> (Endpoint, MACAddress?)
  ) -> @Sendable (SentDatagram) -> SentDatagram {
    { sent in
      guard [67, 4011].contains(sent.source.port) else { return sent }
      let (destination, hardware) = change(sent)
      return SentDatagram(
        source: sent.source, destination: destination, hardware: hardware,
        interface: sent.interface, payload: sent.payload)
    }
  }

  /// Changes packets of TFTP that begin with `opcode`.
  private static func packet(
    _ opcode: UInt8, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) -> @Sendable (SentDatagram) -> SentDatagram {
    { sent in
      sent.payload.starts(with: [0, opcode]) ? sent.saying(change(sent.payload)) : sent
    }
  }

  private static let relayed = "amd64-bios-relay-serverside"
  private static let elsewhere = IPv4Address(10, 77, 0, 99)

  static let faults = [
    Fault(
      "yiaddr", "asked for",
      change: reply { if $0.type == .ack { $0.header.yourAddress = elsewhere } }),
    Fault("option 51", "missing", change: reply { $0.options.removeAll { $0.code == 51 } }),
    Fault("option 1", "missing", change: reply { $0.options.removeAll { $0.code == 1 } }),
    Fault("option 3", "missing", change: reply { $0.options.removeAll { $0.code == 3 } }),
    Fault("option 6", "missing", change: reply { $0.options.removeAll { $0.code == 6 } }),
    Fault(
      "boot file", "told of none",
      change: reply {
        $0.file = []
        $0.options.removeAll { $0.code == 67 }
      }),
    Fault(
      "siaddr", "10.77.0.99", of: "arm64-uboot-script-pxe",
      change: reply { $0.header.serverAddress = elsewhere }),
    Fault(
      "option 66", "10.77.0.99",
      change: reply {
        $0.options.removeAll { $0.code == 66 }
        $0.options.append(.init(code: 66, value: Array("10.77.0.99".utf8)))
      }),
    Fault(
      "yiaddr", "proxyDHCP", of: "amd64-bios-proxydhcp",
      change: reply { $0.header.yourAddress = elsewhere }),
    Fault(
      "option 54", of: "amd64-bios-proxydhcp",
      change: reply {
        $0.options.removeAll { $0.code == 54 }
        $0.options.append(.init(code: 54, value: [10, 77, 0, 99]))
      }),
    Fault("option 82", of: relayed, change: reply { $0.options.removeAll { $0.code == 82 } }),
    Fault("giaddr", of: relayed, change: reply { $0.header.relayAddress = .unspecified }),
    Fault(
      "not to the relay", of: relayed,
      change: address { (Endpoint(.broadcast, 68), $0.hardware) }),
    Fault(
      "hears broadcasts only",
      change: address { sent in
        sent.destination.address == .broadcast
          ? (Endpoint(elsewhere, 68), nil)
          : (
            sent.destination, sent.hardware
          )
      }),
    Fault(
      "an address that nobody has yet", of: "amd64-bios-ipxerom-virtio",
      change: address { ($0.destination, nil) }),
    Fault(
      "tsize", "the file has",
      change: packet(6) { octets in
        let text = String(decoding: octets, as: UTF8.self)
        return Array(text.replacing("tsize\0", with: "tsize\u{0}1").utf8)
      }),
    Fault(
      "ended after", "of",
      change: packet(3) { $0.count > 1000 && $0[3] == 20 ? Array($0.dropLast(4)) : $0 }),
    Fault(
      "came with other bytes",
      change: packet(3) { $0[3] == 20 && $0[2] == 0 ? $0.dropLast() + [$0[$0.count - 1] ^ 1] : $0 }),
    Fault(
      "10.77.0.", "recorded", of: "amd64-bios-ipxerom-virtio",
      change: { sent in
        guard sent.source.port == 53 else { return sent }
        return sent.saying(sent.payload.dropLast() + [99])
      }),
    Fault(
      "has no address", of: "amd64-bios-ipxerom-virtio",
      change: { sent in
        guard sent.source.port == 53 else { return sent }
        return sent.saying([sent.payload[0] ^ 1] + sent.payload.dropFirst())
      }),
  ]

  @Test(arguments: faults) func aFaultOfOursIsNamed(_ fault: Fault) throws {
    let file = try #require(CaptureFile.named(fault.capture + ".pcap"))
    let recording = Recording(file.recorded)
    var sound = Playback(recording, in: .recorded)
    #expect(sound.run().machines.map(\.verdict) == [.boots])
    var playback = Playback(recording, in: .recorded, wire: fault.change)
    let machine = try #require(playback.run().machines.first)
    #expect(machine.verdict.isFailure)
    let failures = machine.observations.filter { $0.kind == .failure }.map(\.text)
    #expect(
      failures.contains { text in fault.words.allSatisfy { text.contains($0) } }, "\(failures)")
  }

  /// Whoever never sends again what was lost in this recording does not boot the machine.
  @Test func whatWasLostIsToBeSentAgain() throws {
    let file = try #require(CaptureFile.named("amd64-bios-loss5.pcap"))
    let seen = SentBlocks()
    var playback = Playback(
      Recording(file.recorded), in: .recorded,
      wire: { sent in
        // The second copy of a block never arrives: it is an ACK of nothing.
        seen.isFirst(sent) ? sent : sent.saying([0, 4, 0, 0])
      })
    let verdict = try #require(playback.run().machines.first?.verdict)
    guard case .fails(.bootFile, let reason) = verdict else {
      Issue.record("\(verdict)")
      return
    }
    #expect(reason.contains("stopped after block"))
  }
}

/// The blocks that have left. A playback hands its packets over one after another.
private final class SentBlocks: @unchecked Sendable {
  private var seen: Set<SentDatagram> = []

  func isFirst(_ sent: SentDatagram) -> Bool {
    !sent.payload.starts(with: [0, 3]) || seen.insert(sent).inserted
  }
}

extension SentDatagram {
  fileprivate func saying(_ payload: [UInt8]) -> SentDatagram {
    SentDatagram(
      source: source, destination: destination, hardware: hardware, interface: interface,
      payload: payload)
  }
}

/// A response's head against its body (RFC 9112 §6.3).
@Suite struct OwnResponseTests {
  private func refusals(_ text: String, isHead: Bool = false) -> [String] {
    let outcomes = [Outcome.responded(ConnectionID(1), Array(text.utf8))]
    return OwnResponse(outcomes, isHead: isHead)?.refusals.map { "\($0)" } ?? ["none"]
  }

  @Test func aLengthThatIsTheBodysIsTaken() {
    #expect(refusals("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").isEmpty)
    #expect(refusals("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", isHead: true).isEmpty)
    #expect(refusals("HTTP/1.1 304 Not Modified\r\nServer: x\r\n\r\n").isEmpty)
  }

  @Test(arguments: ["1", "3", "-1", "2x"]) func anyOtherLengthIsNot(_ length: String) {
    #expect(!refusals("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\nok").isEmpty)
  }

  @Test func aMissingLengthABodyOfHEADAndAFieldWithoutAValueAreNamed() {
    #expect(refusals("HTTP/1.1 200 OK\r\n\r\nok") == ["Content-Length: is not said"])
    #expect(
      refusals("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", isHead: true)
        == ["HEAD: is answered with 2 bytes of a body"])
    #expect(
      refusals("HTTP/1.1 200 OK\r\nContent-Type: \r\nContent-Length: 2\r\n\r\nok")
        == ["Content-Type: has no value: OVMF hangs"])
  }
}
