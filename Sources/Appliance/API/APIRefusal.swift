import Boot
import Wire

/// Why a route does not do what it was asked.
struct APIRefusal: Error {
  var status: HTTPStatus
  var detail: String
  var mistakes: [Mistake] = []
  var fields: [HTTPResponseHead.Field] = []
  /// The methods that a 405 names.
  var allow = ""

  init(_ status: HTTPStatus, _ detail: String) {
    self.status = status
    self.detail = detail
  }

  /// Mistakes in a body, each with its place.
  init(_ mistakes: [Mistake]) {
    let count = mistakes.count
    self.init(.unprocessable, count == 1 ? "there is a mistake" : "there are \(count) mistakes")
    self.mistakes = mistakes.sorted()
  }

  static func missing(_ what: String) -> APIRefusal {
    APIRefusal(.notFound, "\(what) is not there")
  }

  /// What may be asked again after so many seconds.
  static func later(_ status: HTTPStatus, _ seconds: Int, _ detail: String) -> APIRefusal {
    var refusal = APIRefusal(status, detail)
    refusal.fields = [HTTPResponseHead.Field("Retry-After", "\(seconds)")]
    return refusal
  }

  var problem: APIProblem {
    APIProblem(
      status: Int(status.rawValue), title: status.reason, detail: detail,
      errors: mistakes.isEmpty
        ? nil
        : mistakes.map {
          APIProblem.Place(file: $0.file, line: $0.line, column: $0.column, text: $0.text)
        })
  }
}
