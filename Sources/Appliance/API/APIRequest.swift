import Boot
import Network
import Wire
import YAML

/// A request that may be answered: its route is known, and who asks.
struct APIRequest: Sendable {
  var method: HTTPMethod
  /// The path as it was asked for, without `/api/v1/`.
  var path: String
  /// The parts of the path that the route leaves open.
  var parameters: [String: String]
  /// All values of each parameter of the query, in their order.
  var query: [String: [String]]
  var principal: Principal
  /// Who asked; nil over the control socket.
  var address: IPv4Address?
  /// The tags, without quotes, that If-Match and If-None-Match name; `*` for any; nil without.
  var ifMatch: [String]?
  var ifNoneMatch: [String]?
  /// What an event stream is to go on after.
  var lastEvent: String?
  var wantsEventStream = false
  var body: [UInt8] = []
  var bodyType = ""

  /// An open part of the path, which the route's pattern has.
  subscript(parameter: String) -> String { parameters[parameter] ?? "" }

  /// The one value of a parameter of the query.
  func value(_ name: String) -> String? { query[name]?.first }

  func flag(_ name: String) throws(APIRefusal) -> Bool {
    switch value(name) {
    case nil, "false": return false
    case "true", "": return true
    case let text?: throw APIRefusal(.badRequest, "\(name) is true or false, not \(Escaped(text))")
    }
  }

  func number(_ name: String, in range: ClosedRange<Int>) throws(APIRefusal) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number: Int = Value.integer(text), range.contains(number) else {
      throw APIRefusal(
        .badRequest,
        "\(name) is a number from \(range.lowerBound) to \(range.upperBound), not \(Escaped(text))")
    }
    return number
  }

  /// The mapping that the body is; its keys are among `keys`, and mistakes have their place.
  ///
  /// - Parameter read: Takes the fields; what it finds wrong goes to them.
  func fields<Result>(
    _ keys: [String], _ read: (Fields) -> Result?
  ) throws(APIRefusal) -> Result {
    let findings = Findings()
    let value = try Value(
      node: node(), file: SourceFile(name: "body", bytes: []), findings: findings)
    var result: Result?
    if let fields = Fields(value, of: "the body", keys: keys) { result = read(fields) }
    guard let result, findings.mistakes.isEmpty else {
      throw APIRefusal(Array(findings.mistakes))
    }
    return result
  }

  /// The body as JSON, or an empty mapping where there is none.
  func node() throws(APIRefusal) -> Node {
    let start = Position(line: 1, column: 1)
    guard !body.isEmpty else { return Node(.mapping([]), at: start) }
    let document = Document(parsingJSON: body, sizeMax: body.count)
    guard let root = document.root, document.mistakes.isEmpty else {
      var refusal = APIRefusal(.badRequest, "the body is no JSON that we take")
      refusal.mistakes = document.mistakes.map {
        Mistake(file: "body", line: $0.position.line, column: $0.position.column, $0.text)
      }
      throw refusal
    }
    return root
  }
}
