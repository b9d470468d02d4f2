import Network
import Services
import Testing

@Suite struct DeadlinesTests {
  @Test func slotsComeDueInTheOrderOfTheirTrueDeadlines() {
    // A fixed linear congruential sequence: the same on every run.
    var state: UInt64 = 42
    func next(_ bound: UInt64) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % bound)
    }
    var deadlines = Deadlines()
    var model: [Int: Int64] = [:]
    var now: Int64 = 0
    for _ in 0..<20_000 {
      let slot = next(50)
      switch next(4) {
      case 0, 1:
        let time = now + Int64(next(100))
        deadlines.set(slot, to: Instant(nanoseconds: time))
        model[slot] = time
      case 2:
        deadlines.remove(slot)
        model[slot] = nil
      default:
        now += Int64(next(30))
        var due: Set<Int> = []
        while let slot = deadlines.popDue(at: Instant(nanoseconds: now)) { due.insert(slot) }
        let expected = Set(model.filter { $0.value <= now }.keys)
        #expect(due == expected)
        for slot in due { model[slot] = nil }
      }
      let earliest = deadlines.earliest?.nanoseconds
      #expect((earliest == nil) == model.isEmpty)
      if let earliest, let first = model.values.min() { #expect(earliest <= first) }
    }
  }
}
