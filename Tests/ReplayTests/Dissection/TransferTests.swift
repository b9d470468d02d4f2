import Network
import Replay
import Testing
import Wire

@Suite struct TransferTests {
  private typealias Build = FrameBuilder

  /// Client packets go from port 2000 to 69 or 3000, server packets from 3000.
  private enum Step {
    case ask([UInt8])
    case client([UInt8])
    case server([UInt8])
    case otherServer([UInt8])
    case toOther([UInt8])
  }

  private func frames(_ steps: [Step]) -> [Frame] {
    var builder = FrameBuilder()
    for step in steps {
      switch step {
      case .ask(let payload): builder.udp(2000, 69, payload)
      case .client(let payload): builder.udp(2000, 3000, payload)
      case .server(let payload): builder.udp(3000, 2000, payload, fromServer: true)
      case .otherServer(let payload): builder.udp(3001, 2000, payload, fromServer: true)
      case .toOther(let payload): builder.udp(2000, 3001, payload)
      }
    }
    return builder.frames
  }

  private func transfers(_ steps: [Step]) -> [RecordedTransfer] {
    Recording(frames(steps)).transfers
  }

  @Test func aFileIsPutTogether() {
    let steps: [Step] = [
      .ask(Build.request("a")), .server(Build.block(1, 512)), .client(Build.ack(1)),
      .server(Build.block(2, 3)), .client(Build.ack(2)),
    ]
    let found = transfers(steps)
    #expect(found.map(\.ending) == [.completed])
    #expect(found.first?.name == Array("a".utf8))
    #expect(found.first?.content.octets == [UInt8](repeating: 1, count: 512) + [2, 2, 2])
    #expect(found.first?.content.isWhole == true)
    #expect(found.first?.fromClient.count == 2)
    #expect(found.first?.fromServer.count == 2)
    // Ethernet, IPv4, UDP and DATA have 14 + 20 + 8 + 4 bytes before a block.
    #expect(
      found.first?.pieces == [
        FramePiece(frame: 2, offset: 46, count: 512, contentOffset: 0),
        FramePiece(frame: 4, offset: 46, count: 3, contentOffset: 512),
      ])
    #expect(Recording(frames(steps)).usedFrameCount == 5)
  }

  @Test func blockNumbersRollOver() {
    var steps: [Step] = [
      .ask(Build.request("a", TFTPOptionValues(blockSize: 8))),
      .server(Build.acknowledgement(TFTPOptionValues(blockSize: 8))), .client(Build.ack(0)),
    ]
    let count = 70_000
    for block in 1...count {
      let number = UInt16(truncatingIfNeeded: block)
      steps.append(.server(Build.block(number, block == count ? 1 : 8)))
      steps.append(.client(Build.ack(number)))
    }
    let found = transfers(steps)
    #expect(found.map(\.ending) == [.completed])
    #expect(found.first?.content.byteCount == (count - 1) * 8 + 1)
    #expect(found.first?.pieces.last?.contentOffset == (count - 1) * 8)
  }

  @Test func windowsRepeatsAndDisorderMakeNoDifference() {
    let options = TFTPOptionValues(blockSize: 8, windowSize: 4)
    let found = transfers([
      .ask(Build.request("a", options)), .ask(Build.request("a", options)),
      .server(Build.acknowledgement(options)), .server(Build.acknowledgement(options)),
      .client(Build.ack(0)), .server(Build.block(1, 8)), .server(Build.block(3, 8)),
      .server(Build.block(2, 8)), .server(Build.block(2, 8)), .server(Build.block(4, 8)),
      .client(Build.ack(4)), .server(Build.block(4, 8)), .server(Build.block(5, 0)),
      .client(Build.ack(5)), .server(Build.block(5, 0)),
    ])
    #expect(found.count == 1)
    #expect(found.first?.ending == .completed)
    #expect(found.first?.granted == options)
    let expected: [UInt8] = (1...4).flatMap { [UInt8](repeating: $0, count: 8) }
    #expect(found.first?.content == RecordedContent(octets: expected, byteCount: 32))
    #expect(found.first?.pieces.filter { $0.contentOffset == 8 }.count == 2)
    #expect(found.first?.pieces.filter { $0.contentOffset == 24 }.count == 2)
  }

  @Test func aProbeForTheSizeIsNoAbortedTransfer() {
    let asked = TFTPOptionValues(transferSize: 0)
    let granted = Build.acknowledgement(TFTPOptionValues(transferSize: 99))
    let found = transfers([
      .ask(Build.request("a", asked)), .server(granted), .client(Build.error(8)),
      // The same port again, as the Raspberry Pi 3 does.
      .ask(Build.request("a")), .server(Build.block(1, 99)), .client(Build.ack(1)),
      .ask(Build.request("b", asked)), .server(Build.error(1)),
      .ask(Build.request("b", asked)), .server(Build.error(1)),
      .ask(Build.request("c")), .server(Build.block(1, 512)), .client(Build.error(3)),
      .ask(Build.request("d")), .ask(Build.request("d")),
      .ask(Build.request("e")), .server(Build.block(1, 512)), .client(Build.ack(1)),
    ])
    #expect(
      found.map(\.ending) == [
        .probed, .completed, .refused(code: 1), .refused(code: 1), .aborted(code: 3),
        .unanswered, .cut,
      ])
    #expect(found.first?.content == RecordedContent(octets: [], byteCount: 99))
    #expect(found.last?.content.byteCount == nil)
    #expect(found[5].fromClient.count == 1)
  }

  @Test func theServerPortIsTheOneThatTheClientAnswersTo() {
    let found = transfers([
      .ask(Build.request("a")), .server(Build.block(1, [1])), .ask(Build.request("a")),
      .otherServer(Build.block(1, [2])), .toOther(Build.ack(1)), .server(Build.block(1, [1])),
      .client(Build.error(5)),
    ])
    #expect(found.map(\.ending) == [.completed])
    #expect(found.first?.content.octets == [2])
  }

  @Test func aMissingBlockEndsTheContentAndIsNamed() {
    let recording = Recording(
      frames([
        .ask(Build.request("a")), .server(Build.block(1, 512)), .client(Build.ack(1)),
        .client(Build.ack(2)), .server(Build.block(3, 5)), .client(Build.ack(3)),
      ]))
    #expect(recording.transfers.map(\.ending) == [.cut])
    #expect(recording.transfers.first?.content.octets.count == 512)
    #expect(recording.transfers.first?.content.isWhole == false)
    #expect(recording.remarks == ["block 2 of the file asked for in packet 1 is missing"])
  }

  @Test func blocksThatTheNetworkCardWasToCutApartAreTakenApart() {
    let options = TFTPOptionValues(blockSize: 8, windowSize: 4)
    let joined = Build.block(1, 8) + Build.block(2, 8) + Build.block(3, 2)
    let found = transfers([
      .ask(Build.request("a", options)), .server(Build.acknowledgement(options)),
      .client(Build.ack(0)), .server(joined), .client(Build.ack(3)),
    ])
    #expect(found.map(\.ending) == [.completed])
    #expect(found.first?.fromServer.count == 4)
    #expect(found.first?.content.octets.count == 18)
    #expect(found.first?.pieces.map(\.offset) == [46, 58, 70])
  }

  @Test func contentIsBounded() {
    var limits = DissectionLimits()
    limits.contentByteCount = 600
    let recording = Recording(
      frames([
        .ask(Build.request("a")), .server(Build.block(1, 512)), .client(Build.ack(1)),
        .server(Build.block(2, 512)), .client(Build.ack(2)), .server(Build.block(3, 0)),
        .client(Build.ack(3)),
      ]), limits: limits)
    #expect(recording.transfers.first?.content.octets.count == 512)
    #expect(recording.transfers.first?.content.isWhole == false)
    #expect(recording.remarks == ["the file asked for in packet 1 is too long"])
  }
}
