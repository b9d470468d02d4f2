import Boot
import Bytes
import Network
import Services
import Testing
import Wire

/// Many transfers on one bad network, in virtual time.
@Suite struct TFTPLossTests {
  @Test(
    "Case 31: many transfers survive loss and reordering", arguments: 1...4 as ClosedRange<UInt64>)
  func manyTransfersSurviveLossAndReordering(_ seed: UInt64) {
    var network = LossyNetwork(seed: seed, clients: 120, byteCount: 40_000)
    network.run(until: .start + .seconds(300))
    for client in network.clients {
      #expect(client.isDone, "seed \(seed)")
      #expect(client.content == network.content, "seed \(seed)")
    }
    network.run(until: .start + .seconds(600))
    #expect(network.service.transferCount == 0)
    #expect(network.service.nextDeadline == nil)
    #expect(network.mostTransfers <= 120)
    // Each block once, and a bounded share again: no storm of duplicates.
    #expect(network.blocksSent < 2 * network.blocksNeeded, "\(network.blocksSent)")
  }
}

/// Hardening case 31, as far as it is the service's: as many transfers as there are, of files as long as
/// a test may take.
@Suite("Case 31: five hundred transfers") struct TFTPFairnessTests {
  @Test("Case 31: with 1 % loss and reordering all arrive, and what is in flight is bounded")
  func allArriveInBoundedMemory() {
    var network = LossyNetwork(seed: 31, clients: 500, byteCount: 20_000, loss: 1)
    network.run(until: .start + .seconds(120))
    #expect(network.clients.allSatisfy { $0.isDone && $0.content == network.content })
    network.run(until: .start + .seconds(400))
    #expect(network.service.transferCount == 0 && network.service.nextDeadline == nil)
    #expect((450...500).contains(network.mostTransfers))
    // A window to each, some of it twice, and its ACKs.
    #expect(network.mostInFlight <= 3 * network.windows, "\(network.mostInFlight)")
    #expect(network.blocksSent < network.blocksNeeded * 3 / 2, "\(network.blocksSent)")
  }

  @Test(
    "Case 31: on one full link nobody is ahead of others that ask alike by more than two windows")
  func nobodyIsAhead() {
    var network = LossyNetwork(
      seed: 7, clients: 500, byteCount: 20_000, loss: 0, packetTime: .microseconds(12))
    for step in 1...40 {
      network.run(until: .start + .milliseconds(step * 25))
      for first in 0..<12 {
        let alike = stride(from: first, to: 500, by: 12).map { network.clients[$0] }
        let blocks = alike.map { $0.content.count / Int($0.options.blockSize ?? 512) }
        let window = Int(alike[0].options.windowSize ?? 1)
        let spread = (blocks.max() ?? 0) - (blocks.min() ?? 0)
        #expect(spread <= 2 * window, "\(blocks) at \(step)")
      }
    }
    #expect(network.clients.contains { !$0.content.isEmpty })
  }
}

/// Clients, the service, and packets on their way that are lost, doubled and overtaken.
struct LossyNetwork {
  var service = TFTPService()
  var clients: [TFTPClient] = []
  let content: [UInt8]
  private(set) var mostTransfers = 0
  private(set) var mostInFlight = 0
  /// Of all clients together, in packets.
  private(set) var windows = 0
  /// Packets of 100 that are lost.
  private let loss: UInt64
  /// What each packet from the server takes of the one link that all share.
  private let packetTime: Duration
  private var linkIsFree = Instant.start
  private var askAt = Instant.start
  private(set) var blocksSent = 0
  private(set) var blocksNeeded = 0

  private var now = Instant.start
  private var state: UInt64
  private var queue: [Packet] = []
  private var actions = Actions()
  private let catalog = Catalog()

  private struct Packet {
    let time: Instant
    let bytes: [UInt8]
    /// Index of the client that sent it or is to get it.
    let client: Int
    /// The transfer that it comes from or goes to; nil for the well-known port.
    let transfer: UInt64?
    let isToServer: Bool
  }

  init(
    seed: UInt64, clients count: Int, byteCount: Int, loss: UInt64 = 3,
    packetTime: Duration = .zero
  ) {
    self.loss = loss
    self.packetTime = packetTime
    state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    content = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    for index in 0..<count {
      let windows: [UInt16?] = [nil, 1, 4, 16]
      let options = TFTPOptionValues(
        blockSize: index % 3 == 0 ? nil : 1024, windowSize: windows[index % 4])
      let endpoint = Endpoint(IPv4Address(0x0a4d_0100 + UInt32(index)), 2070)
      clients.append(TFTPClient(endpoint, "f", options))
      self.windows += Int(options.windowSize ?? 1)
      blocksNeeded += byteCount / Int(options.blockSize ?? 512) + 1
      let request = clients[index].request
      transmit(request, client: index, transfer: nil, isToServer: true)
    }
  }

  mutating func run(until end: Instant) {
    while now < end {
      let arrival = queue.last?.time ?? .never
      let deadline = service.nextDeadline ?? .never
      let next = min(arrival, deadline, askAt)
      guard next < end else { break }
      now = max(now, next)
      if next == arrival {
        deliver(queue.removeLast())
      } else if next == deadline {
        actions.clear()
        service.timeout(at: now, into: &actions)
        perform()
      } else {
        askAgain()
      }
      mostTransfers = max(mostTransfers, service.transferCount)
      mostInFlight = max(mostInFlight, queue.count)
    }
    now = end
  }

  private mutating func askAgain() {
    askAt = clients.allSatisfy(\.isDone) ? .never : now + .milliseconds(500)
    for index in clients.indices {
      guard !clients[index].isDone, clients[index].lastHeard + .seconds(3) <= now else { continue }
      let bytes = clients[index].repeated(at: now)
      transmit(bytes, client: index, transfer: clients[index].server, isToServer: true)
    }
  }

  private mutating func deliver(_ packet: Packet) {
    if packet.isToServer {
      actions.clear()
      let bytes = packet.bytes
      let source = clients[packet.client].endpoint
      if let transfer = packet.transfer {
        service.receive(
          bytes.rawSpan, for: TransferID(transfer), from: source, at: now, into: &actions)
      } else {
        let local = IPv4Address(10, 77, 0, 1)
        service.receive(
          bytes.rawSpan,
          from: Arrival(
            source: source, destination: Endpoint(local, 69), local: local, interface: 2),
          mtu: 1500, catalog, at: now, into: &actions)
      }
      perform()
    } else if let server = packet.transfer,
      let answer = clients[packet.client].receive(packet.bytes, from: server, at: now)
    {
      transmit(answer, client: packet.client, transfer: server, isToServer: true)
    }
  }

  private mutating func perform() {
    let list = actions.list
    for action in list {
      switch action {
      case .openTransfer(let id, _, for: _):
        actions.clear()
        service.opened(id, byteCount: content.count, at: now, into: &actions)
        perform()
      case .sendFromTransfer(let id, let bytes, to: let endpoint):
        transmit(
          Array(actions.octets(bytes)), client: Self.index(of: endpoint), transfer: id.number,
          isToServer: false)
      case .sendBlocks(let id, let blocks): send(blocks, id)
      default: break
      }
    }
  }

  private mutating func send(_ blocks: Blocks, _ id: TransferID) {
    for index in 0..<blocks.count {
      let number = blocks.first + UInt64(index)
      let start = blocks.offset + index * blocks.blockSize
      let count = index == blocks.count - 1 ? blocks.lastCount : blocks.blockSize
      blocksSent += 1
      transmit(
        [0, 3, UInt8(number >> 8 & 0xff), UInt8(number & 0xff)] + content[start..<start + count],
        client: Self.index(of: blocks.endpoint), transfer: id.number, isToServer: false)
    }
  }

  private static func index(of endpoint: Endpoint) -> Int {
    Int(endpoint.address.number - 0x0a4d_0100)
  }

  /// Loses some of 100 packets, doubles 1, and delays 2, so that others overtake them.
  private mutating func transmit(
    _ bytes: [UInt8], client: Int, transfer: UInt64?, isToServer: Bool
  ) {
    let luck = random(100)
    guard luck >= loss else { return }
    var left = now
    if !isToServer, packetTime > .zero {
      left = max(now, linkIsFree)
      linkIsFree = left + packetTime
    }
    // Reordering is part of what is lost and doubled.
    let isOrderly = loss == 0
    for _ in 0..<(luck == 99 && !isOrderly ? 2 : 1) {
      let isLate = random(50) == 0 && !isOrderly
      let time = left + .microseconds(isLate ? 300 + Int(random(2000)) : 200)
      let packet = Packet(
        time: time, bytes: bytes, client: client, transfer: transfer, isToServer: isToServer)
      // Latest first; equal times in the order sent.
      var low = 0
      var high = queue.count
      while low < high {
        let middle = (low + high) / 2
        if queue[middle].time > time { low = middle + 1 } else { high = middle }
      }
      queue.insert(packet, at: low)
    }
  }

  private mutating func random(_ bound: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) % bound
  }
}
