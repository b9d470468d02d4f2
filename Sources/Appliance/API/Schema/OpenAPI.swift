import Wire

/// The description of the API (OpenAPI 3.1), made of its routes.
struct OpenAPI {
  let routes: [APIRoute]
  let version: String

  var document: JSON {
    var paths: [String: [String: JSON]] = [:]
    for route in routes {
      paths[APIRoute.prefix + route.path, default: [:]][route.method.name.lowercased()] =
        operation(route)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "bootwire", "version": .string(version),
        "description": .string(
          "The control socket takes every request; the HTTPS admin listener those with a token."
            + " What is refused is told as RFC 9457 has it."),
      ],
      "servers": [["url": "/"]],
      "security": [["token": []]],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": [
        "schemas": .object(Schema.components),
        "securitySchemes": [
          "token": ["type": "http", "scheme": "bearer", "description": "bw_ and 64 digits"]
        ],
        "responses": [
          "Problem": [
            "description": "Why it was refused.",
            "content": ["application/problem+json": ["schema": Schema.reference("Problem")]],
          ]
        ],
      ],
    ]
  }

  private func operation(_ route: APIRoute) -> JSON {
    var operation: [String: JSON] = [
      "summary": .string(route.summary),
      "description": .string("Needs the role \(route.role.rawValue)." + appliance(route)),
      "operationId": .string(Self.identifier(route)),
      "responses": .object(responses(route)),
    ]
    let parameters = route.pattern.compactMap(APIRouter.open).map(open) + route.query.map(query)
    if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
    if let request = route.request {
      operation["requestBody"] = [
        "required": .bool(!route.isRequestOptional),
        "content": ["application/json": ["schema": request]],
      ]
    }
    return .object(operation)
  }

  private func appliance(_ route: APIRoute) -> String {
    route.isOfAppliance ? " Not for tokens of one site." : ""
  }

  private func open(_ name: String) -> JSON {
    [
      "name": .string(name), "in": "path", "required": true,
      "schema": ["type": "string", "minLength": 1],
    ]
  }

  private func query(_ parameter: APIParameter) -> JSON {
    var described: [String: JSON] = [
      "name": .string(parameter.name), "in": "query", "required": false,
      "description": .string(parameter.summary), "schema": parameter.schema,
    ]
    if parameter.isRepeatable { described["schema"] = Schema.list(of: parameter.schema) }
    return .object(described)
  }

  private func responses(_ route: APIRoute) -> [String: JSON] {
    var responses: [String: JSON] = [:]
    let problem: JSON = ["$ref": "#/components/responses/Problem"]
    for status in Self.always + route.problems { responses["\(status.rawValue)"] = problem }
    if route.request != nil {
      for status in Self.ofBodies { responses["\(status.rawValue)"] = problem }
    }
    if !route.path.contains("{"), !route.problems.contains(.notFound) { responses["404"] = nil }
    responses["\(route.response.status.rawValue)"] = success(route)
    if route.response.hasTag, route.method == .get {
      responses["304"] = ["description": "As If-None-Match names it."]
    }
    return responses
  }

  private func success(_ route: APIRoute) -> JSON {
    var response: [String: JSON] = ["description": .string(route.response.status.reason)]
    if let type = route.response.type, let schema = route.response.schema {
      let name = type.rawValue.split(separator: ";").first.map(String.init) ?? type.rawValue
      var content: [String: JSON] = [name: ["schema": schema]]
      if case .events = route.answer {
        content[HTTPContentType.eventStream.rawValue] = ["schema": Schema.text]
      }
      response["content"] = .object(content)
    }
    if route.response.hasTag {
      response["headers"] = ["ETag": ["schema": Schema.text, "required": true]]
    }
    return .object(response)
  }

  /// As `getMachinesName`.
  private static func identifier(_ route: APIRoute) -> String {
    let words = route.path.split { "/{}-._".contains($0) }
    return route.method.name.lowercased()
      + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// How any request may be refused.
  private static let always: [HTTPStatus] = [
    .badRequest, .unauthorized, .forbidden, .notFound, .notAcceptable, .contentTooLarge,
    .targetTooLong, .expectationFailed, .tooManyRequests, .headTooLarge, .notImplemented,
    .unavailable,
  ]
  private static let ofBodies: [HTTPStatus] = [
    .lengthRequired, .unsupportedMediaType, .unprocessable,
  ]
}
