import Appliance
import Boot

/// Why the appliance refused (RFC 9457), as far as it said so.
struct Problem {
  var status: Int
  var title: String
  var detail: String?
  /// Where an operator's text is wrong; without a file: of the request itself.
  var mistakes: [Mistake]

  init(_ answer: APIAnswer) {
    status = answer.status
    let value = (try? answer.value()) ?? AnswerValue(nil)
    title = value["title"].text ?? "the appliance answered \(answer.status)"
    detail = value["detail"].text
    mistakes = Self.mistakes(in: value["errors"])
  }

  static func mistakes(in list: AnswerValue) -> [Mistake] {
    list.items.map { mistake in
      Mistake(
        file: mistake["file"].text ?? "", line: mistake["line"].number ?? 0,
        column: mistake["column"].number ?? 0, mistake["text"].text ?? mistake.shown)
    }
  }

  /// One sentence, with the fix where we know one.
  var sentence: String {
    let said = Printable(detail ?? title).text
    switch status {
    case 401: return "\(said): `bootwire tokens create` makes a new one on the appliance"
    case 412: return "\(said): it was changed meanwhile; look at it and try again"
    case 429: return "\(said): wait a little and try again"
    case _: return said
    }
  }

  var refusal: Refusal {
    let lines = mistakes.map { mistake in
      let text = Printable(mistake.text).text
      return mistake.file.isEmpty ? text : "\(Printable(mistake.place).text): \(text)"
    }
    return Refusal(([sentence] + lines).joined(separator: "\n"))
  }
}
