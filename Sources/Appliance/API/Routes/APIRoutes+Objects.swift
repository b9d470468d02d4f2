import Boot
import Wire
import YAML

// Objects one by one: machines, profiles and what they are made of.
extension APIRoutes {
  var objectRoutes: [APIRoute] { ObjectKind.allCases.flatMap(routes) }

  private func routes(of kind: ObjectKind) -> [APIRoute] {
    let path = "/\(kind.rawValue)/{name}"
    // A secret opens machines: who changes one decides who gets in.
    let writer: Role = kind == .secrets ? .admin : .operator
    let ofOne: [HTTPStatus] = [.conflict, .preconditionFailed, .unprocessable, .internalError]
    return [
      list(kind),
      APIRoute(
        method: .get, path: path, role: .reader,
        summary: "One of the \(kind.rawValue)\(kind == .secrets ? ", without its value" : "").",
        response: .json(Schema.reference("Object"), hasTag: true),
        answer: .now { [unowned appliance] request throws(APIRefusal) in
          let object = try appliance.object(kind, request)
          if let tags = request.ifNoneMatch, tags.contains("*") || tags.contains(object.entityTag) {
            return APIResponse(status: .notModified, type: nil).tagged(object.entityTag)
          }
          return ObjectReport.response(object)
        }),
      APIRoute(
        method: .put, path: path, role: writer,
        summary: "Makes one of the \(kind.rawValue), or replaces it whole.",
        request: Schema.object(
          ["spec": Schema.anything],
          optional: [
            "kind": ["const": .string(kind.rawValue)], "name": Schema.name,
            "site": Schema.name, "labels": Schema.texts, "origin": Schema.anything,
          ]),
        response: .json(Schema.reference("Object"), hasTag: true), problems: ofOne,
        answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
          try appliance.put(kind, request, respond)
        }),
      APIRoute(
        method: .delete, path: path, role: writer, summary: "Deletes one of the \(kind.rawValue).",
        response: .nothing, problems: ofOne,
        answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
          _ = try appliance.object(kind, request)
          appliance.edit(.delete(kind, request["name"]), request) { result in
            switch result {
            case .success: respond(.nothing)
            case .failure(let refusal): respond(APIResponse(APIRefusal(refusal)))
            }
          }
        }),
    ]
  }

  private func list(_ kind: ObjectKind) -> APIRoute {
    APIRoute(
      method: .get, path: "/\(kind.rawValue)", role: .reader,
      summary: "The \(kind.rawValue), sorted by name.",
      query: Self.page + [
        APIParameter("site", Schema.name, "Only those of this site, and those of all sites."),
        APIParameter(
          "label", ["type": "string", "pattern": "^[^=]+=.*$"],
          "Only those with this label, as k=v.",
          isRepeatable: true),
      ],
      response: .json(Schema.page(of: Schema.reference("Object"))),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        let limit = try Self.limit(request)
        let site = try Self.site(request)
        let labels = try Self.labels(request)
        let rest = request.value("after").map { appliance.editor.objects.objects(kind, after: $0) }
        var found = (rest ?? appliance.editor.objects[kind][...]).lazy.filter { object in
          let own = appliance.site(of: object)
          return request.principal.sees(own) && (site == nil || own == nil || own == site)
            && labels.allSatisfy { object.labels[$0.key] == $0.value }
        }.makeIterator()
        var items: [CatalogObject] = []
        while items.count < limit, let object = found.next() { items.append(object) }
        return ObjectReport.response(items, isMore: found.next() != nil)
      })
  }

  private static func labels(_ request: APIRequest) throws(APIRefusal) -> [String: String] {
    var labels: [String: String] = [:]
    for text in request.query["label"] ?? [] {
      guard let mark = text.firstIndex(of: "="), mark > text.startIndex else {
        throw APIRefusal(.badRequest, "a label is asked for as k=v, not as \(Escaped(text))")
      }
      labels[String(text[..<mark])] = String(text[text.index(after: mark)...])
    }
    return labels
  }
}

extension Appliance {
  /// Whose an object is; nil: everybody's.
  func site(of object: CatalogObject) -> String? {
    if object.kind == .machines, let machine = catalog.machine(named: object.name),
      let address = machine.macAddress
    {
      return site(of: address)
    }
    return object.site ?? (object.kind.belongsToOneSite ? catalog.site : nil)
  }

  /// The object that the request names, if the principal sees it.
  func object(_ kind: ObjectKind, _ request: APIRequest) throws(APIRefusal) -> CatalogObject {
    guard let object = editor.objects[kind, request["name"]],
      request.principal.sees(site(of: object))
    else { throw .missing("the \(kind.singular) \(Escaped(request["name"]))") }
    return object
  }

  func put(
    _ kind: ObjectKind, _ request: APIRequest, _ respond: @escaping (APIResponse) -> Void
  ) throws(APIRefusal) {
    let name = request["name"]
    guard Value.isIdentifier(name) else {
      throw APIRefusal(
        .badRequest, "a name is of letters, digits, \".\", \"-\" and \"_\", at most 64 of them")
    }
    if let object = editor.objects[kind, name], !request.principal.sees(site(of: object)) {
      // It is not told whose it is.
      throw APIRefusal(.conflict, "the name \(name) is taken")
    }
    let keys = ["kind", "name", "site", "labels", "origin", "spec"]
    let spec = try request.fields(keys) { fields -> Node? in
      if let told = fields["kind"]?.text("a kind"), told != kind.rawValue {
        fields.mistake("the address says \(kind.rawValue)", at: "kind")
      }
      if let told = fields["name"]?.text("a name"), told != name {
        fields.mistake("the address says \(name)", at: "name")
      }
      guard let spec = fields.required("spec", of: "the body") else { return nil }
      guard Fields.entries(of: spec, "the spec") != nil else { return nil }
      return spec.node
    }
    edit(.put(kind, name, spec), request) { [unowned self] result in
      switch result {
      case .success:
        guard let object = editor.objects[kind, name] else {
          return respond(APIResponse(APIRefusal(.conflict, "\(name) was deleted meanwhile")))
        }
        respond(ObjectReport.response(object))
      case .failure(let refusal): respond(APIResponse(APIRefusal(refusal)))
      }
    }
  }
}
