import Boot
import EventLoop
import Network
import Wire

// Permissions to use the API.
extension APIRoutes {
  var tokenRoutes: [APIRoute] {
    [
      APIRoute(
        method: .get, path: "/tokens", role: .admin, isOfAppliance: true,
        summary: "The tokens, without what opens the door.",
        response: .json(Schema.object(["items": Schema.list(of: Schema.reference("Token"))])),
        answer: .now { [unowned appliance] _ throws(APIRefusal) in
          try .json(TokenReport.List(items: appliance.tokens.map { TokenReport($0) }))
        }),
      APIRoute(
        method: .post, path: "/tokens", role: .admin, isOfAppliance: true,
        summary: "Makes a token, which is shown here and never again.",
        request: Schema.object(
          ["name": Schema.name, "role": Schema.choice(Role.allCases.map(\.rawValue))],
          optional: [
            "site": Schema.name,
            "expires": [
              "type": "string", "description": "From now, as 90d; for ever if not given.",
            ],
          ]),
        response: .json(
          Schema.object(["token": Schema.text, "about": Schema.reference("Token")]),
          status: .created), problems: [.conflict, .internalError],
        answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
          let draft = try appliance.draft(request)
          try appliance.makeToken(draft, respond)
        }),
      APIRoute(
        method: .delete, path: "/tokens/{id}", role: .admin, isOfAppliance: true,
        summary: "Revokes a token, at once.", response: .nothing, problems: [.internalError],
        answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
          try appliance.revokeToken(request["id"], respond)
        }),
    ]
  }
}

/// A token as the API tells of it.
struct TokenReport: Encodable {
  var id: String
  var name: String
  var role: Role
  var site: String?
  var created: String
  var expires: String?
  var lastUsed: String?

  struct List: Encodable { var items: [TokenReport] }

  /// The only time that a token's text is told.
  struct Made: Encodable {
    var token: String
    var about: TokenReport
  }

  init(_ token: AccessToken) {
    id = token.id
    name = token.name
    role = token.role
    site = token.site
    created = "\(Timestamp(token.created))"
    expires = token.expires.map { "\(Timestamp($0))" }
    lastUsed = token.lastUsed.map { "\(Timestamp($0))" }
  }
}

/// What a new token is to be.
struct TokenDraft {
  var name: String
  var role: Role
  var site: String?
  var life: Duration?
}

extension Appliance {
  var tokens: [AccessToken] { api?.tokens.all ?? [] }

  func draft(_ request: APIRequest) throws(APIRefusal) -> TokenDraft {
    let draft = try request.fields(["name", "role", "site", "expires"]) { fields -> TokenDraft? in
      let name = fields.required("name", of: "a token")?.identifier()
      let role = fields.required("role", of: "a token")?.choice("role", as: Role.self)
      let site = fields["site"]?.identifier()
      let life = fields["expires"].flatMap(Self.life)
      guard let name, let role else { return nil }
      return TokenDraft(name: name, role: role, site: site, life: life)
    }
    guard !tokens.contains(where: { $0.name == draft.name }),
      api?.namesInMaking.contains(draft.name) != true
    else {
      throw APIRefusal(.conflict, "there is a token of the name \(draft.name)")
    }
    guard tokens.count < TokenBook.limit else {
      throw APIRefusal(.conflict, "there are \(TokenBook.limit) tokens, the most there can be")
    }
    return draft
  }

  func makeToken(
    _ draft: TokenDraft, _ respond: @escaping (APIResponse) -> Void
  ) throws(APIRefusal) {
    let text = AccessToken.text(dice: Self.rollDice)
    guard let digest = AccessToken.digest(of: Array(text.utf8)) else {
      throw APIRefusal(.internalError, "this box has no SHA-256")
    }
    let now = loop.wallClock
    let token = AccessToken(
      id: AccessToken.id(dice: Self.rollDice), name: draft.name, role: draft.role, site: draft.site,
      digest: digest, created: now,
      expires: draft.life.map { UnixTime(seconds: now.seconds + $0.components.seconds) })
    api?.namesInMaking.insert(draft.name)
    keep(.put(token)) { [unowned self] failure in
      api?.namesInMaking.remove(draft.name)
      if let failure { return respond(APIResponse(APIRefusal(.internalError, failure))) }
      api?.tokens.add(token)
      let made = TokenReport.Made(token: text, about: TokenReport(token))
      do throws(APIRefusal) { respond(try .json(made, status: .created)) } catch {
        respond(APIResponse(error))
      }
    }
  }

  /// The token opens nothing from this moment on, whether that is durable yet or not.
  func revokeToken(
    _ id: String, _ respond: @escaping (APIResponse) -> Void
  ) throws(APIRefusal) {
    guard let token = api?.tokens[id] else { throw .missing("the token \(Escaped(id))") }
    api?.tokens.remove(id)
    api?.closeStreams(of: id)
    keep(.revoke(id: id)) { [unowned self] failure in
      guard let failure else { return respond(.nothing) }
      // It would be in force again after a restart: who revokes it has to know.
      api?.tokens.add(token)
      respond(APIResponse(APIRefusal(.internalError, failure)))
    }
  }

  /// Makes a change of the tokens durable, and tells then why not.
  func keep(_ change: TokenChange, then: @escaping (String?) -> Void = { _ in }) {
    let tell = { (outcome: Result<Void, any Error>) in
      switch outcome {
      case .success: then(nil)
      case .failure(let error): then("not stored: \(error)")
      }
    }
    switch change {
    case .put(let token), .used(let token): keep(token.row, then: tell)
    case .revoke(let id): forgetToken(id, then: tell)
    }
  }

  /// How long a token lives.
  private static func life(_ value: Value) -> Duration? {
    value.read("a time as 90d, from 1s to 3650d, with s, m, h or d") { text in
      let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
      guard let unit = text.last.flatMap({ units[$0] }),
        let count: Int64 = Value.integer(String(text.dropLast())),
        count > 0, count <= 3_650 * 86_400 / unit
      else { return nil }
      return .seconds(count * unit)
    }
  }
}
