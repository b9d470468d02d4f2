import Boot
import YAML

/// An answer file as it was read.
struct AnswerText {
  var kind: AnswerKind?
  var template: Template
}

extension ConfigurationReader {
  private static let textKeys = ["text", "file"]
  private static let tagKeys = ["site", "labels"]

  mutating func readSnippets(_ value: Value) {
    for entry in entries(of: value, .snippets) {
      let keys = Self.textKeys + Self.tagKeys
      guard let fields = Fields(entry.value, of: "a snippet", keys: keys) else { continue }
      let (site, labels) = tags(fields)
      templates.addSnippet(entry, fields, site: site)
      note(.snippets, entry, site: site, labels: labels)
    }
  }

  mutating func readScripts(_ value: Value) {
    for entry in entries(of: value, .scripts) {
      let keys = Self.textKeys + ["variants"] + Self.tagKeys
      guard let fields = Fields(entry.value, of: "a script", keys: keys) else {
        scripts.add(entry.name, site: nil, nil)
        continue
      }
      let (site, labels) = tags(fields)
      var script = Script(name: entry.name, site: site, labels: labels, template: nil)
      script.variants = variants(fields["variants"], of: entry.name, site: site)
      var isGood = fields["variants"] == nil || !script.variants.isEmpty
      if fields["variants"] == nil || Self.textKeys.contains(where: { fields[$0] != nil }) {
        script.template = templates.text(fields, of: "a script", as: .script, site: site)
        isGood = isGood && script.template != nil
        refuseSecrets(script.template, at: fields.value, "script \(entry.name)")
      }
      scripts.add(entry.name, site: site, isGood ? script : nil)
      note(.scripts, entry, site: site, labels: labels)
    }
  }

  private mutating func variants(
    _ value: Value?, of script: String, site: String?
  ) -> [Script.Variant] {
    var variants: [(variant: Script.Variant, line: Int)] = []
    for item in value?.list(of: "variants") ?? [] {
      guard let fields = Fields(item, of: "a variant", keys: ["match"] + Self.textKeys) else {
        continue
      }
      let template = templates.text(fields, of: "a variant", as: .script, site: site)
      refuseSecrets(template, at: item, "script \(script)")
      guard let place = fields.required("match", of: "a variant") else { continue }
      let match = match(place)
      guard match.specificity > 0 else {
        if case .mapping(let entries) = place.node.content, entries.isEmpty {
          place.mistake("no criterion, expected one at least: a script without is its own \"text\"")
        }
        continue
      }
      if let tie = variants.first(where: {
        $0.variant.match.specificity == match.specificity && $0.variant.match.overlaps(match)
      }) {
        place.mistake(
          "this variant and that of line \(tie.line) match the same machines equally: add"
            + " \(Self.criteria(besides: [match, tie.variant.match])) to one of them")
      }
      guard let template else { continue }
      variants.append((Script.Variant(match: match, template: template), item.node.position.line))
    }
    return variants.map(\.variant)
  }

  mutating func readAnswers(_ value: Value) {
    for entry in entries(of: value, .answers) {
      let keys = ["kind"] + Self.textKeys + Self.tagKeys
      guard let fields = Fields(entry.value, of: "an answer", keys: keys) else {
        answers.add(entry.name, site: nil, nil)
        continue
      }
      let (site, labels) = tags(fields)
      let kind: AnswerKind? = fields["kind"]?.choice("kind")
      let template = templates.text(fields, of: "an answer", as: .text, site: site)
      answers.add(
        entry.name, site: site, template.map { AnswerText(kind: kind ?? .text, template: $0) })
      note(.answers, entry, site: site, labels: labels)
    }
  }

  mutating func readHooks(_ value: Value) {
    for entry in entries(of: value, .hooks) {
      let keys = ["when"] + Self.textKeys + Self.tagKeys
      guard let fields = Fields(entry.value, of: "a hook", keys: keys) else {
        hooks.add(entry.name, site: nil, nil)
        continue
      }
      let (site, labels) = tags(fields)
      let when: Hook.When? = fields.required("when", of: "a hook")?.choice("when")
      let template = templates.text(fields, of: "a hook", as: .text, site: site)
      var hook: Hook?
      if let when, let template {
        hook = Hook(name: entry.name, site: site, labels: labels, when: when, template: template)
      }
      hooks.add(entry.name, site: site, hook)
      note(.hooks, entry, site: site, labels: labels)
    }
  }

  /// Whoever asks gets a script, so that it can hold no secret.
  func refuseSecrets(_ template: Template?, at value: Value, _ noun: String) {
    guard let use = template?.secretUses.first else { return }
    value.mistake(
      "\(noun) names secrets.\(use.name)\(Self.location(use, from: value)); secrets are rendered"
        + " in answers and hooks of profiles with \"install\" only")
  }

  /// ` in FILE:LINE:COLUMN` where that is another file than the one that is spoken of.
  static func location(_ use: TemplateUse, from value: Value) -> String {
    let place = use.place
    return place.file == value.file.name
      ? "" : " in \(place.file):\(place.line):\(place.column)"
  }
}
