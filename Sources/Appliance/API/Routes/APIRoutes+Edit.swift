import Boot
import EventLoop
import Wire
import YAML

// Many objects at once, and what became of them over time.
extension APIRoutes {
  var editRoutes: [APIRoute] { [apply, export, generations, generation, rollBack] }

  private var apply: APIRoute {
    let file = Schema.object(["name": Schema.text, "text": Schema.text])
    return APIRoute(
      method: .post, path: "/apply", role: .operator,
      summary: "Takes all objects of these files, or, when there is a mistake, none.",
      query: [
        APIParameter("dry-run", Schema.flag, "Only say what would change."),
        APIParameter("prune", Schema.flag, "Delete what was applied and is not in the files."),
      ],
      request: Schema.object(["files": Schema.list(of: file, most: 10_000)]),
      response: .json(Schema.reference("Outcome")),
      problems: [.conflict, .notFound, .internalError], bodyLimit: 16 << 20,
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let prunes = try request.flag("prune")
        let isDry = try request.flag("dry-run")
        // As large as it may be, it is read beside the loop.
        appliance.loop.offload {
          try request.fields(["files"]) { fields in
            fields.required("files", of: "the body")?.list(of: "files")?.compactMap(Self.file)
          }
        } then: { [unowned appliance] result in
          switch result {
          case .success(let files):
            appliance.editMany(.apply(files, prunes: prunes), request, isDry: isDry, respond)
          case .failure(let error):
            respond(
              APIResponse(
                error as? APIRefusal ?? APIRefusal(.internalError, "the body cannot be read")))
          }
        }
      })
  }

  private static func file(_ value: Value) -> ObjectBundle.File? {
    guard let fields = Fields(value, of: "a file", keys: ["name", "text"]),
      let name = fields.required("name", of: "a file")?.text("a name"),
      let text = fields.required("text", of: "a file")
    else { return nil }
    // An empty file is a file.
    if text.node.text?.isEmpty == true {
      return ObjectBundle.File(name: name, text: "")
    }
    return text.text("a text").map { ObjectBundle.File(name: name, text: $0) }
  }

  private var export: APIRoute {
    APIRoute(
      method: .get, path: "/export", role: .reader,
      summary: "The applied objects as files for apply, secrets without their values.",
      query: [
        APIParameter("site", Schema.name, "Only those of this site, and those of all sites.")
      ],
      response: .text(.yaml),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        let site = try Self.site(request)
        guard site == nil || request.principal.sees(site) else {
          throw .missing("the site \(site ?? "")")
        }
        return .text(appliance.editor.export(site: site ?? request.principal.site), type: .yaml)
      })
  }

  private var generations: APIRoute {
    APIRoute(
      method: .get, path: "/generations", role: .reader, isOfAppliance: true,
      summary: "The edits of applied objects, the last first.",
      query: [
        APIParameter("before", Schema.count, "Those before this one: `next` of the page before."),
        Self.page[1],
      ],
      response: .json(Schema.page(of: Schema.reference("Generation"))), problems: [.internalError],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let limit = try Self.limit(request)
        let before = try request.number("before", in: 0...Int.max).map { UInt64($0) }
        appliance.editor.generations(before: before, limit: limit) { result in
          respond(EditReport.page(result, limit: limit))
        }
      })
  }

  private var generation: APIRoute {
    APIRoute(
      method: .get, path: "/generations/{number}", role: .reader, isOfAppliance: true,
      summary: "What one edit changed.",
      response: .json(
        Schema.object([
          "number": Schema.count, "time": Schema.time, "author": Schema.text, "note": Schema.text,
          "changes": Schema.list(of: Schema.reference("Change")),
        ])),
      problems: [.internalError],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        appliance.editor.changes(of: try Self.number(request)) { result in
          respond(EditReport.generation(result))
        }
      })
  }

  private var rollBack: APIRoute {
    APIRoute(
      method: .post, path: "/generations/{number}/rollback", role: .operator, isOfAppliance: true,
      summary: "Makes the applied objects what they were after that edit, as a new one.",
      query: [APIParameter("dry-run", Schema.flag, "Only say what would change.")],
      response: .json(Schema.reference("Outcome")),
      problems: [.conflict, .unprocessable, .internalError],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let isDry = try request.flag("dry-run")
        appliance.editMany(.rollBack(try Self.number(request)), request, isDry: isDry, respond)
      })
  }

  private static func number(_ request: APIRequest) throws(APIRefusal) -> UInt64 {
    let text = request["number"]
    guard let number: UInt64 = Value.integer(text), number <= UInt64(Int64.max) else {
      throw APIRefusal(.badRequest, "\(Escaped(text)) is no generation's number")
    }
    return number
  }
}

extension Appliance {
  /// Carries out an edit for whoever asked, under the conditions of the request.
  func edit(
    _ change: ObjectEdit.Change, _ request: APIRequest, isDry: Bool = false,
    with registry: [RegistryChange] = [],
    _ then: @escaping (Result<EditOutcome, EditRefusal>) -> Void
  ) {
    var condition = ObjectEdit.Condition.none
    if let tags = request.ifMatch { condition = tags.contains("*") ? .exists : .matches(tags) }
    if request.ifNoneMatch?.contains("*") == true { condition = .isNew }
    let author = ObjectEdit.Author(
      request.principal.name, site: request.principal.site,
      maySetSecrets: request.principal.role.covers(.admin))
    let edit = ObjectEdit(
      change, by: author, condition: condition, isDry: isDry, registry: registry)
    editor.edit(edit, then: then)
  }

  /// The same for many objects, which have no one tag that a condition could name.
  func editMany(
    _ change: ObjectEdit.Change, _ request: APIRequest, isDry: Bool,
    _ respond: @escaping (APIResponse) -> Void
  ) {
    guard request.ifMatch == nil, request.ifNoneMatch == nil else {
      return respond(
        APIResponse(
          APIRefusal(.badRequest, "If-Match and If-None-Match are for one object, not for many")))
    }
    edit(change, request, isDry: isDry) { [unowned self] in tell($0, respond) }
  }

  /// Writes the answer beside the loop: it may hold ten thousand differences.
  private func tell(
    _ result: Result<EditOutcome, EditRefusal>, _ respond: @escaping (APIResponse) -> Void
  ) {
    loop.offload {
      EditReport.outcome(result)
    } then: { response in
      if case .success(let response) = response { respond(response) }
    }
  }
}
