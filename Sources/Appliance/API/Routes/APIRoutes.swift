import Boot
import Wire

/// All that the API does.
struct APIRoutes {
  unowned let appliance: Appliance

  init(_ appliance: Appliance) { self.appliance = appliance }

  var all: [APIRoute] {
    let routes =
      stateRoutes + objectRoutes + editRoutes + provisionRoutes + nodeRoutes + tokenRoutes
      + eventRoutes + [renderRoute]
    let document = OpenAPI(routes: routes + [description("")], version: Appliance.version).document
    let text = (try? APIResponse.octets(of: document)) ?? []
    return routes + [description(String(decoding: text, as: UTF8.self))]
  }

  private func description(_ text: String) -> APIRoute {
    APIRoute(
      method: .get, path: "/openapi.json", role: .reader,
      summary: "This description of the API, as OpenAPI 3.1.",
      response: .json(Schema.anything),
      answer: .now { _ in APIResponse.text(text, type: .json) })
  }

  // MARK: Lists

  /// `after` and `limit`, which every paged list has.
  static let page = [
    APIParameter("after", Schema.text, "Those behind this name: `next` of the page before."),
    APIParameter("limit", Schema.range(1...1_000), "The most that are told, 100 if not given."),
  ]

  static func limit(_ request: APIRequest) throws(APIRefusal) -> Int {
    try request.number("limit", in: 1...1_000) ?? 100
  }

  /// A site that is asked for; nil: all that the principal sees. Another's is empty to it.
  static func site(_ request: APIRequest) throws(APIRefusal) -> String? {
    guard let site = request.value("site") else { return nil }
    guard Value.isIdentifier(site) else {
      throw APIRefusal(.badRequest, "\(Escaped(site)) is no name of a site")
    }
    return site
  }
}
