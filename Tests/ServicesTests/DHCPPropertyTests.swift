import Boot
import Bytes
import Network
import Services
import Testing
import Wire

/// Hundreds of random messages of a dozen machines; a checker that sees actions only.
@Suite struct DHCPPropertyTests {
  /// SplitMix64: the same seed gives the same run everywhere.
  struct Dice {
    var state: UInt64

    mutating func roll(_ count: Int) -> Int {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return Int((mixed ^ mixed >> 31) % UInt64(count))
    }
  }

  /// What was promised, by what left the service.
  struct Checker {
    struct Promise {
      let machine: MACAddress
      let until: Instant
      let isLease: Bool
    }

    var promises: [IPv4Address: Promise] = [:]
    var granted = 0
    var refused = 0
    var complaints: [String] = []

    mutating func check(
      _ bench: DHCPBench, _ question: DHCPBench.Question, _ machine: MACAddress
    ) {
      if bench.answers.count > 1 { complaints.append("two answers") }
      var stored: Set<IPv4Address> = []
      for action in bench.actions.list {
        switch action {
        case .store(let lease): stored.insert(lease.address)
        case .erase(let address): promises[address] = nil
        case .send: answer(bench, machine, stored)
        case .record, .sendFrame, .probe, .openTransfer, .sendFromTransfer, .sendBlocks,
          .closeTransfer,
          .openResource, .takeReport, .respond, .respondFile, .close, .answer, .ask, .askByStream,
          .hangUp,
          .keep:
          break
        }
      }
      if bench.facts.contains("offer.declined") { withdraw(machine) }
      if bench.facts.isEmpty { complaints.append("an action without event") }
      if bench.service.leases.count > 10 + 10 + 10 + 2 { complaints.append("the table grows") }
    }

    private mutating func answer(
      _ bench: DHCPBench, _ machine: MACAddress, _ stored: Set<IPv4Address>
    ) {
      guard let answer = bench.answer, let type = answer.type else {
        return complaints.append("an answer that is none")
      }
      if machine == DHCPBench.mac(0xa2) { complaints.append("the ignored machine was answered") }
      if answer.octets.count < 300 { complaints.append("a short answer") }
      guard type != .nak else {
        refused += 1
        return
      }
      guard answer.address != .unspecified else { return }
      if type == .ack, !stored.contains(answer.address) { complaints.append("ACK before store") }
      if !isOurs(answer.address, bench.catalog, machine) {
        complaints.append("\(answer.address) is not ours to give")
      }
      if let promise = promises[answer.address], promise.until > bench.now,
        promise.machine != machine
      {
        complaints.append("\(answer.address) is \(promise.machine)'s, and was given to \(machine)")
      }
      let duration = type == .ack ? Int64(answer.number(51) ?? 0) : 60
      let until = bench.now + .seconds(duration)
      let former = promises[answer.address]
      if type == .ack { granted += 1 }
      // A machine has one OFFER at a time; an OFFER of what it has does not shorten its lease.
      withdraw(machine)
      if type == .offer, let former, former.isLease, former.machine == machine,
        former.until > bench.now
      {
        let later = max(former.until, until)
        promises[answer.address] = Promise(machine: machine, until: later, isLease: true)
      } else {
        promises[answer.address] = Promise(
          machine: machine, until: until, isLease: type == .ack)
      }
    }

    private mutating func withdraw(_ machine: MACAddress) {
      promises = promises.filter { $0.value.machine != machine || $0.value.isLease }
    }

    private func isOurs(_ address: IPv4Address, _ catalog: Catalog, _ machine: MACAddress) -> Bool {
      if let owner = catalog.machine(reserving: address) { return owner.macAddress == machine }
      return catalog.subnets.contains { $0.poolContains(address) }
    }
  }

  static func question(_ dice: inout Dice, _ machine: MACAddress) -> DHCPBench.Question {
    let types: [DHCPMessageType] = [
      .discover, .discover, .discover, .request, .request, .request, .request, .release, .decline,
      .inform,
    ]
    var question = DHCPBench.question(types[dice.roll(types.count)], machine)
    let nets: [IPv4Address] = [
      IPv4Address(10, 77, 1, 10), IPv4Address(10, 78, 0, 100), IPv4Address(10, 79, 0, 100),
      IPv4Address(10, 77, 0, 5),
    ]
    let address = IPv4Address(nets[dice.roll(8) % 4].number + UInt32(dice.roll(10)))
    if dice.roll(3) > 0 { question[50] = octets(address) }
    if dice.roll(3) == 0 { question.header.clientAddress = address }
    switch dice.roll(4) {
    case 0: question[54] = octets(DHCPBench.own)
    case 1: question[54] = octets(IPv4Address(10, 77, 0, UInt8(1 + dice.roll(2))))
    default: break
    }
    if dice.roll(4) == 0 {
      question.header.relayAddress = DHCPBench.relay
      question.destination = DHCPBench.own
    } else if dice.roll(5) == 0 {
      question.destination = DHCPBench.own
    }
    if dice.roll(6) == 0 { question[51] = [0, 0, 0, UInt8(dice.roll(256))] }
    if dice.roll(3) == 0 { question[93] = [0, UInt8([0, 7, 9, 11][dice.roll(4)])] }
    if dice.roll(5) == 0 { question[61] = [0, UInt8(dice.roll(256))] }
    if dice.roll(8) == 0 { question.header.flags = 0x8000 }
    return question
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func noHistoryBreaksAPromise(_ seed: UInt64) {
    var dice = Dice(state: seed)
    var bench = DHCPBench()
    var checker = Checker()
    for step in 0..<400 {
      let number = dice.roll(14)
      let machine = DHCPBench.mac(number < 11 ? UInt8(number + 1) : UInt8(0xa1 + number - 11))
      if dice.roll(150) == 0 {
        bench.catalog = DHCPBench.catalog(
          generation: UInt64(step + 2), reservation: IPv4Address(10, 77, 0, UInt8(7 + dice.roll(2)))
        )
      }
      let question = Self.question(&dice, machine)
      bench.send(question)
      checker.check(bench, question, machine)
      let steps = [0, 1, 5, 61, 700, 3700]
      bench.now =
        bench.now + .seconds(Int64(steps[dice.roll(200) < 190 ? dice.roll(3) : dice.roll(6)]))
    }
    #expect(checker.complaints == [])
    #expect(checker.granted > 2 && checker.refused > 2)
  }

  /// The checker must be able to complain: a service that forgets its leases breaks promises.
  @Test func aForgetfulServiceIsFoundOut() {
    var bench = DHCPBench()
    var checker = Checker()
    for machine: UInt8 in 1...2 {
      bench.service = DHCPService()
      let question = DHCPBench.question(.discover, machine)
      bench.send(question)
      checker.check(bench, question, DHCPBench.mac(machine))
    }
    #expect(checker.complaints.count == 1)
  }

  @Test("Case 16: a flood of random hardware addresses leaves leases and reservations as they are")
  mutating func aFloodOfStrangersTakesNothingFromKnownMachines() {
    var bench = DHCPBench()
    bench.service = DHCPService(sightingLimit: 100)
    let address = bench.boot(1)
    for number in 0..<2000 as Range<UInt64> {
      bench.send(DHCPBench.question(.discover, MACAddress(number: 0x0200_0000_0000 + number)))
    }
    #expect(bench.service.leases.count == 10)
    #expect(bench.service.sightings.count == 100)
    #expect(bench.boot(1) == address)
    #expect(bench.boot(0xa1) == IPv4Address(10, 77, 0, 7))
  }

  @Test("Case 5: malformed option 81 and 119, many times over, leave no trace")
  mutating func strangeNamesLeaveNoTrace() {
    var bench = DHCPBench()
    for count in 0..<300 {
      var discover = DHCPBench.question(.discover, 1)
      discover[81] = [0, 255, 255, 64, 0xc0, 0] + [UInt8](repeating: 0xc0, count: count % 200)
      discover[119] = [0xc0, UInt8(count & 255)]
      bench.send(discover)
      #expect(bench.answer?.type == .offer)
    }
    #expect(bench.service.leases.count == 1 && bench.service.sightings.count == 1)
  }
}
