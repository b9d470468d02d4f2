import Boot
import Store
import Wire

/// What an edit came to, and the history, as the API tells them.
struct EditReport: Encodable {
  var generation: UInt64
  var changes: [Change]
  var warnings: [APIProblem.Place]

  struct Change: Encodable {
    var kind: String
    var name: String
    var site: String?
    var change: String
    var diff: String

    init(_ change: ObjectChange) {
      kind = change.kind.rawValue
      name = change.name
      site = change.site
      self.change = change.verb.rawValue
      diff = change.diff
    }
  }

  struct Generation: Encodable {
    var number: UInt64
    var time: String
    var author: String
    var note: String
    var changes: [Change]?

    init(_ generation: ObjectGeneration, _ changes: [ObjectChange]? = nil) {
      number = generation.number
      time = "\(Timestamp(generation.time))"
      author = generation.author
      note = generation.note
      self.changes = changes?.map(Change.init)
    }
  }

  private struct Page: Encodable {
    var items: [Generation]
    var next: String?
  }

  static func outcome(_ result: Result<EditOutcome, EditRefusal>) -> APIResponse {
    response(result) { outcome throws(APIRefusal) in
      try .json(
        EditReport(
          generation: outcome.generation, changes: outcome.changes.map(Change.init),
          warnings: outcome.warnings.map {
            APIProblem.Place(file: $0.file, line: $0.line, column: $0.column, text: $0.text)
          }))
    }
  }

  static func page(_ result: Result<[ObjectGeneration], EditRefusal>, limit: Int) -> APIResponse {
    response(result) { generations throws(APIRefusal) in
      let isFull = generations.count == limit
      return try .json(
        Page(
          items: generations.map { Generation($0) },
          next: isFull ? generations.last.map { "\($0.number)" } : nil))
    }
  }

  static func generation(
    _ result: Result<(ObjectGeneration, [ObjectChange]), EditRefusal>
  ) -> APIResponse {
    response(result) { found throws(APIRefusal) in try .json(Generation(found.0, found.1)) }
  }

  private struct MadeKey: Encodable {
    var hostKey: String
  }

  static func hostKey(_ result: Result<HostKey, EditRefusal>) -> APIResponse {
    response(result) { key throws(APIRefusal) in try .json(MadeKey(hostKey: key.line)) }
  }

  private static func response<Value>(
    _ result: Result<Value, EditRefusal>, _ report: (Value) throws(APIRefusal) -> APIResponse
  ) -> APIResponse {
    switch result {
    case .success(let value):
      do throws(APIRefusal) { return try report(value) } catch { return APIResponse(error) }
    case .failure(let refusal): return APIResponse(APIRefusal(refusal))
    }
  }
}

extension APIRefusal {
  init(_ refusal: EditRefusal) {
    switch refusal {
    case .mistakes(let mistakes): self.init(mistakes)
    case .readOnly(let text): self.init(.conflict, text)
    case .changedMeanwhile:
      self.init(.preconditionFailed, "it is not as the request says that it is: read it again")
    case .missing(let what): self = .missing(what)
    case .otherSite(let text): self.init(.forbidden, text)
    case .secrets:
      self.init(.forbidden, "secrets would change, which needs the role admin")
    case .tooMany: self = .later(.unavailable, 5, "too many edits wait already")
    case .failed(let text): self.init(.internalError, text)
    }
  }
}
