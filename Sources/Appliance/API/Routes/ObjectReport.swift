import Boot
import Wire

/// Objects as the API tells them; their specs are JSON already.
enum ObjectReport {
  static func response(_ object: CatalogObject) -> APIResponse {
    APIResponse(body: Array(json(object).utf8)).tagged(object.entityTag)
  }

  static func response(_ objects: [CatalogObject], isMore: Bool) -> APIResponse {
    var text = "{\"items\":["
    for (index, object) in objects.enumerated() {
      if index > 0 { text += "," }
      text += json(object)
    }
    text += "]"
    if isMore, let last = objects.last { text += ",\"next\":\(JSONText(last.name))" }
    return APIResponse(body: Array((text + "}").utf8))
  }

  private static func json(_ object: CatalogObject) -> String {
    let labels = object.labels.sorted { $0.key < $1.key }
      .map { "\(JSONText($0.key)):\(JSONText($0.value))" }.joined(separator: ",")
    var text = "{\"kind\":\(JSONText(object.kind.rawValue)),\"labels\":{\(labels)}"
    text += ",\"name\":\(JSONText(object.name)),\"origin\":"
    switch object.origin {
    case .file(let file, let line): text += "{\"file\":\(JSONText(file)),\"line\":\(line)}"
    case .generation(let number): text += "{\"generation\":\(number)}"
    }
    if let site = object.site { text += ",\"site\":\(JSONText(site))" }
    return text + ",\"spec\":\(object.spec)}"
  }
}
