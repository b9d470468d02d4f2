import Boot
import Network
import Testing

@testable import Appliance

@Suite("Log budget") struct LogBudgetTests {
  private let machine = MACAddress(number: 0x5254_0000_0001)

  @Test func aMachineHasAHundredLinesAndThenOneThatSaysSo() {
    var budget = LogBudget()
    let verdicts = (0..<150).map { _ in budget.spend(machine, at: .start) }
    #expect(verdicts[..<99].allSatisfy { $0 == .write })
    #expect(verdicts[99] == .writeAndAnnounce)
    #expect(verdicts[100...].allSatisfy { $0 == .suppress })
    #expect(budget.spend(MACAddress(number: 2), at: .start) == .write)
  }

  @Test func whatWasLeftOutIsToldOnceWhenTheWindowIsOver() {
    var budget = LogBudget()
    for _ in 0..<150 { _ = budget.spend(machine, at: .start + .seconds(1)) }
    #expect(budget.takeSuppressed(at: .start + .seconds(5)) == nil)
    let later = Instant.start + .seconds(1) + LogBudget.window
    #expect(budget.takeSuppressed(at: later) == 50)
    #expect(budget.takeSuppressed(at: later) == nil)
    #expect(budget.spend(machine, at: later) == .write)
  }

  @Test func aFloodOfMadeUpMachinesHasOneBudgetBeyondTheFirst() {
    var budget = LogBudget()
    var written = 0
    for number in 0..<20_000 {
      if budget.spend(MACAddress(number: UInt64(number + 1)), at: .start) != .suppress {
        written += 1
      }
    }
    #expect(written == LogBudget.machineLimit + LogBudget.linesPerMachine)
  }
}

@Suite("Log lines") struct EventLineTests {
  private let time = UnixTime(seconds: 1_790_000_000)

  @Test func aStrangersTextStaysOnOneLineInBothFormats() {
    let evil = "a\n2026 error forged \u{202e}\u{0}\"}{\u{2028}"
    let line = EventLine(Event(.machineReported(text: evil)), at: time)
    for text in [line.text(), line.json()] {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
      #expect(!text.contains("\u{202e}"))
    }
    #expect(line.text().hasPrefix("2026-09-21T14:13:20.000Z info machine.reported text=\"a\\n2026"))
  }

  @Test(arguments: [
    (-1, "1969-12-31T23:59:59.000Z"), (0, "1970-01-01T00:00:00.000Z"),
    (951_782_400, "2000-02-29T00:00:00.000Z"), (4_107_542_399, "2100-02-28T23:59:59.000Z"),
    (4_107_542_400, "2100-03-01T00:00:00.000Z"),
  ])
  func timesAreWrittenAsRFC3339(_ seconds: Int64, _ text: String) {
    #expect(Timestamp(UnixTime(seconds: seconds)).description == text)
  }
}
