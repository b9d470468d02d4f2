import FoundationEssentials
import Wire

/// What a route answers.
struct APIResponse {
  var status = HTTPStatus.ok
  var type: HTTPContentType? = .json
  var body: [UInt8] = []
  var fields: [HTTPResponseHead.Field] = []
  /// The methods that a 405 names.
  var allow = ""

  static func json(
    _ report: some Encodable, status: HTTPStatus = .ok
  ) throws(APIRefusal) -> APIResponse {
    APIResponse(status: status, body: try octets(of: report))
  }

  static func text(_ text: String, type: HTTPContentType = .plainText) -> APIResponse {
    APIResponse(type: type, body: Array(text.utf8))
  }

  static var nothing: APIResponse { APIResponse(status: .noContent, type: nil) }

  /// A refusal as an answer (RFC 9457).
  init(_ refusal: APIRefusal) {
    status = refusal.status
    type = .problem
    // Texts and numbers only: it can be written.
    body = (try? Self.octets(of: refusal.problem)) ?? []
    fields = refusal.fields
    allow = refusal.allow
  }

  init(
    status: HTTPStatus = .ok, type: HTTPContentType? = .json, body: [UInt8] = [],
    fields: [HTTPResponseHead.Field] = []
  ) {
    self.status = status
    self.type = type
    self.body = body
    self.fields = fields
  }

  /// The answer with a validator; `tag` is without quotes.
  func tagged(_ tag: String) -> APIResponse {
    var response = self
    response.fields.append(HTTPResponseHead.Field("ETag", "\"\(tag)\""))
    return response
  }

  static func octets(of report: some Encodable) throws(APIRefusal) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(report)) } catch {
      throw APIRefusal(.internalError, "the answer cannot be written as JSON")
    }
  }
}
