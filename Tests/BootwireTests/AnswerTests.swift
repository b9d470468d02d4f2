import Boot
import Testing
import YAML

@testable import Appliance
@testable import bootwire

/// What the appliance answers, as it is printed.
struct AnswerTests {
  private func answer(_ status: Int, _ body: String) -> APIAnswer {
    APIAnswer(status: status, fields: [:], body: Array(body.utf8))
  }

  private func value(_ json: String) throws -> AnswerValue { try answer(200, json).value() }

  @Test func aProblemIsOneSentence() {
    let problem = Problem(
      answer(404, #"{"title":"Not Found","status":404,"detail":"there is no machine \"x\""}"#))
    #expect(problem.refusal.description == #"there is no machine "x""#)
  }

  @Test func mistakesFollowTheSentence() {
    let problem = Problem(
      answer(
        422,
        """
        {"title":"Mistakes","status":422,"errors":[
          {"file":"a.yaml","line":3,"column":7,"text":"wrong"},{"text":"of the request"}]}
        """))
    #expect(problem.refusal.description == "Mistakes\na.yaml:3:7: wrong\nof the request")
    #expect(problem.mistakes.count == 2)
  }

  @Test(arguments: ["", "<html>", "[1,2", "null"])
  func aRefusalWithoutAProblemIsToldByItsStatus(_ body: String) {
    #expect(Problem(answer(502, body)).refusal.description == "the appliance answered 502")
  }

  @Test func nothingThatIsToldMovesTheCursor() {
    let problem = Problem(answer(400, #"{"title":"a\u001b[2Jb\u202ec\rd"}"#))
    #expect(problem.refusal.description == #"a\u{1b}[2Jb\u{202e}c\rd"#)
  }

  @Test func aWebServersPageIsNoAnswer() {
    #expect(throws: Refusal.self) { try answer(200, "<html></html>").value() }
  }

  @Test func whatIsNotThereIsADash() throws {
    let value = try value(#"{"a":null,"b":[],"c":{},"d":{"e":["x","y z"]},"f":3}"#)
    #expect(value["a"].shown == "-")
    #expect(value["b"].shown == "-")
    #expect(value["c"].shown == "-")
    #expect(value["nothing"]["within"].shown == "-")
    #expect(value["d"]["e"].shown == #"x,"y z""#)
    #expect(value["d"].shown == #"e=x,"y z""#)
    #expect(value["f"].number == 3)
  }

  @Test func aStrangersNameStaysInItsCell() throws {
    let object = try value(
      #"{"name":"a","site":null,"labels":{"x\n":"\u001b[31m"},"spec":{"mac":"m"},"origin":{"generation":7}}"#
    )
    let table = ObjectColumns(.machines).table([object])
    #expect(table.split(separator: "\n").count == 2)
    #expect(!table.unicodeScalars.contains("\u{1b}"))
    #expect(table.hasSuffix("generation 7"))
  }

  @Test func changesAreTold() throws {
    let changes = Changes(
      try value(
        """
        {"generation":12,"changes":[
          {"kind":"machines","name":"a","change":"created","diff":""},
          {"kind":"scripts","name":"b","change":"changed","diff":"-old\\n+new\\n"},
          {"kind":"keys","name":"c","change":"unchanged"}]}
        """))
    #expect(changes.text(withDiff: false) == "created machine/a\nchanged script/b\nunchanged key/c")
    #expect(
      changes.text(withDiff: true)
        == "created machine/a\nchanged script/b\n    -old\n    +new\nunchanged key/c")
    #expect(changes.summary(isDry: false) == "generation 12: 1 created, 1 changed, 1 unchanged")
    #expect(
      changes.summary(isDry: true)
        == "nothing was applied (--dry-run): 1 created, 1 changed, 1 unchanged")
    #expect(!changes.isEmpty)
  }

  @Test func manyThatStayAreOneNumber() throws {
    let many = (0..<10_000).map { #"{"kind":"machines","name":"m\#($0)","change":"unchanged"}"# }
    let changes = Changes(
      try value(#"{"generation":1,"changes":[\#(many.joined(separator: ","))]}"#))
    #expect(changes.text(withDiff: true) == "")
    #expect(changes.isEmpty)
    #expect(changes.summary(isDry: false) == "generation 1: 10,000 unchanged")
  }

  @Test func eventsComeLineByLine() {
    var event = ServerSentEvent()
    #expect(event.take(": still here") == nil)
    #expect(event.take("id: 7\r") == nil)
    #expect(event.take("data: {\"a\":") == nil)
    #expect(event.take("data:1}") == nil)
    let taken = event.take("\r")
    #expect(taken?.id == "7")
    #expect(taken?.data == "{\"a\":\n1}")
    #expect(event.take("") == nil)
  }
}
