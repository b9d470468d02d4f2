import Boot
import YAML

/// Which columns objects of a kind have in a table.
struct ObjectColumns {
  private let kind: ObjectKind

  init(_ kind: ObjectKind) { self.kind = kind }

  func table(_ objects: [AnswerValue]) -> String {
    var table = Table(["NAME", "SITE"] + titles + ["LABELS", "FROM"])
    for object in objects {
      table.add(
        [object["name"].shown, object["site"].shown] + cells(object["spec"])
          + [object["labels"].shown, Self.origin(of: object)])
    }
    return table.text
  }

  private var titles: [String] {
    switch kind {
    case .machines: ["MAC", "ADDRESS", "PROFILE"]
    case .profiles: ["BOOTS", "INSTALL", "ANSWERS"]
    case .scripts: ["TEXT", "VARIANTS"]
    case .answers: ["KIND", "TEXT"]
    case .hooks: ["WHEN", "TEXT"]
    case .snippets: ["TEXT"]
    case .keys: ["TYPE", "COMMENT"]
    case .secrets: ["MACHINE"]
    }
  }

  private func cells(_ spec: AnswerValue) -> [String] {
    switch kind {
    case .machines: [spec["mac"].shown, spec["address"].shown, spec["profile"].shown]
    case .profiles: [Self.boot(spec), Self.install(spec), Self.names(spec["answers"])]
    case .scripts: [Self.source(spec), "\(spec["variants"].items.count)"]
    case .answers: [spec["kind"].text.map { Escaped($0).description } ?? "text", Self.source(spec)]
    case .hooks: [spec["when"].shown, Self.source(spec)]
    case .snippets: [Self.source(spec)]
    case .keys: Self.key(spec)
    case .secrets: [spec["machine"].shown]
    }
  }

  /// `FILE:LINE`, or the generation that it was applied in.
  static func origin(of object: AnswerValue) -> String {
    let origin = object["origin"]
    if origin["file"].text != nil { return "\(origin["file"].shown):\(origin["line"].shown)" }
    return origin["generation"].text.map { "generation \(Escaped($0))" } ?? "-"
  }

  private static func boot(_ spec: AnswerValue) -> String {
    for key in ["kernel", "script", "boot"] where spec[key].text != nil {
      return key == "boot" ? spec[key].shown : "\(key) \(spec[key].shown)"
    }
    if spec["script"].node != nil { return "script" }
    return spec["menu"].node == nil ? "-" : "menu"
  }

  private static func install(_ spec: AnswerValue) -> String {
    let install = spec["install"]
    if install.node == nil { return "-" }
    return install["arm"].text.map { Escaped($0).description } ?? "operator"
  }

  private static func names(_ value: AnswerValue) -> String {
    let names = value.entries.map { Escaped($0.key).description }
    return names.isEmpty ? "-" : names.joined(separator: ",")
  }

  /// Where a text is from, or how long it is.
  private static func source(_ spec: AnswerValue) -> String {
    if spec["file"].text != nil { return spec["file"].shown }
    return spec["text"].text.map { "\($0.utf8.count) bytes" } ?? "-"
  }

  private static func key(_ spec: AnswerValue) -> [String] {
    let words = (spec["public"].text ?? "").split(separator: " ", maxSplits: 2)
    let comment = words.count > 2 ? Escaped(String(words[2])).description : "-"
    return [words.first.map { Escaped(String($0)).description } ?? "-", comment]
  }
}
