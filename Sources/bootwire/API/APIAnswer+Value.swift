import Appliance
import YAML

extension APIAnswer {
  var text: String { String(decoding: body, as: UTF8.self) }

  var isRefusal: Bool { !isSuccess }

  /// The body as JSON.
  func value() throws -> AnswerValue {
    let document = Document(parsingJSON: body)
    guard document.mistakes.isEmpty, let root = document.root else {
      let why = document.mistakes.first?.text ?? "it is empty"
      throw Refusal(
        "this is no answer of a bootwire appliance (\(why)): is another service at that address?")
    }
    return AnswerValue(root)
  }
}
