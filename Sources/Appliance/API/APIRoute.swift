import Wire

/// One thing that the API does: how it is asked for, who may, and what answers.
///
/// The description that is served is made of these values, so that it cannot differ from them.
struct APIRoute {
  var method: HTTPMethod
  /// Below `/api/v1`; open parts stand in braces: `/machines/{name}`.
  var path: String
  var role: Role
  /// Whether it tells or changes what belongs to no site: nothing for tokens of one.
  var isOfAppliance = false
  var summary: String
  var query: [APIParameter] = []
  /// What the body must be; nil: there is none.
  var request: JSON?
  /// Whether the body may be missing.
  var isRequestOptional = false
  var response: Response
  /// How it refuses, beside what every route does.
  var problems: [HTTPStatus] = []
  /// The most that a body has, in bytes.
  var bodyLimit = 1 << 20
  var answer: Answer

  struct Response {
    var status = HTTPStatus.ok
    var type: HTTPContentType? = .json
    var schema: JSON?
    var hasTag = false

    static func json(_ schema: JSON, status: HTTPStatus = .ok, hasTag: Bool = false) -> Response {
      Response(status: status, schema: schema, hasTag: hasTag)
    }

    static var nothing: Response { Response(status: .noContent, type: nil) }

    static func text(_ type: HTTPContentType) -> Response {
      Response(type: type, schema: type == .plainText ? Schema.text : [:])
    }
  }

  enum Answer {
    case now((APIRequest) throws(APIRefusal) -> APIResponse)
    /// The closure that it is given is called once, then or later, on the loop.
    case later((APIRequest, @escaping (APIResponse) -> Void) throws(APIRefusal) -> Void)
    /// The list of events, or their stream, as is wanted.
    case events((APIRequest) throws(APIRefusal) -> EventSelection)
  }

  /// Its parts, without the slashes.
  var pattern: [Substring] { path.split(separator: "/") }

  static let prefix = "/api/v1"
}

/// A parameter of the query.
struct APIParameter {
  var name: String
  var schema: JSON
  var summary: String
  var isRepeatable = false

  init(_ name: String, _ schema: JSON, _ summary: String, isRepeatable: Bool = false) {
    self.name = name
    self.schema = schema
    self.summary = summary
    self.isRepeatable = isRepeatable
  }
}

extension HTTPMethod {
  var name: String {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .other: "OTHER"
    }
  }

  /// Whether it changes nothing (RFC 9110 §9.2.1).
  var isSafe: Bool {
    switch self {
    case .get, .head: true
    case .post, .put, .delete, .other: false
    }
  }
}
