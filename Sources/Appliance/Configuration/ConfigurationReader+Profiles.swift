import Boot
import YAML

/// A profile as it was read, with its place.
struct ProfileDraft {
  var name: String
  /// Nil after a mistake within it; its name is known all the same.
  var profile: Profile?
  var file: String
  var position: Position
}

extension ConfigurationReader {
  private static let profileKeys = [
    "match", "kernel", "initrd", "arguments", "script", "menu", "answers", "hooks", "install",
    "values", "loader", "boot", "site", "labels",
  ]
  /// The built-in profile of machines that nobody named yet.
  private static let discover = "discover"
  /// Profiles that are there though no configuration defines them.
  private static let builtIn = [discover, "local"]

  mutating func readProfiles(_ value: Value) {
    for entry in entries(of: value, .profiles) {
      if entry.name == Catalog.ignore {
        findings.mistake(
          "\"ignore\" stands for silence and names no profile", at: entry.position,
          in: value.file.name)
      }
      add(
        ProfileDraft(
          name: entry.name, profile: profile(entry), file: value.file.name,
          position: entry.position))
    }
  }

  private mutating func add(_ draft: ProfileDraft) {
    profileIndex[draft.name] = profiles.count
    profiles.append(draft)
  }

  mutating func readDefaultProfile(_ value: Value) {
    guard let name = value.text("the name of a profile, or ignore") else { return }
    if name == Catalog.ignore {
      defaultProfile = .ignore
      return
    }
    if name == Self.discover, profileIndex[name] == nil {
      add(
        ProfileDraft(
          name: name, profile: Profile(name: name, boot: .discover), file: value.file.name,
          position: value.node.position))
    }
    if isProfile(name) { defaultProfile = .profile(name) } else { unknownProfile(name, value) }
  }

  func isProfile(_ name: String) -> Bool {
    profileIndex[name] != nil || Self.builtIn.contains(name)
  }

  func profile(named name: String) -> Profile? {
    profileIndex[name].flatMap { profiles[$0].profile }
  }

  func unknownProfile(_ name: String, _ value: Value) {
    value.mistake(
      "profile \"\(Value.shown(name))\" is not defined"
        + NearestName.question(name, among: profiles.map(\.name)))
  }

  private mutating func profile(_ entry: NamedEntry) -> Profile? {
    guard let fields = Fields(entry.value, of: "a profile", keys: Self.profileKeys) else {
      return nil
    }
    let (site, labels) = tags(fields)
    note(.profiles, entry, site: site, labels: labels)
    let head = ProfileHead(name: entry.name, site: site, installs: fields["install"] != nil)
    let match = fields["match"].map(match) ?? Match()
    let loader: Loader.Set? = fields["loader"]?.choice("loader")
    let boot = boot(fields, head)
    let answers = answerTexts(fields["answers"], head)
    let hooks = profileHooks(fields["hooks"], head)
    let install = fields["install"].flatMap { installPolicy($0, fields) }
    let values = fields["values"].map { self.values($0) }
    if install != nil, answers.isEmpty, hooks.isEmpty {
      fields.warning(
        "profile \(entry.name) has neither answers nor hooks: unless its machines report that they"
          + " install, each network boot installs them again until their time is over",
        at: "install")
    }
    guard let boot else { return nil }
    var profile = Profile(
      name: entry.name, match: match, boot: boot, answers: answers.mapValues(\.template),
      loader: loader ?? .ipxe, site: site, labels: labels, values: values ?? [:], hooks: hooks,
      install: install)
    profile.answerKinds = answers.compactMapValues(\.kind)
    return profile
  }

  private mutating func answerTexts(_ value: Value?, _ head: ProfileHead) -> [String: AnswerText] {
    guard let value else { return [:] }
    var texts: [String: AnswerText] = [:]
    for entry in Fields.entries(of: value, "answers") ?? [] {
      if BootPath(entry.key)?.components != [entry.key] {
        findings.mistake(
          "\"\(Value.shown(entry.key))\" is no file name", at: entry.position, in: value.file.name)
      }
      let item = Value(node: entry.value, file: value.file, findings: findings)
      guard let text = answerText(item, head) else { continue }
      checkSecrets(of: text.template, "answer \(Value.shown(entry.key))", at: item, head)
      texts[entry.key] = text
    }
    return texts
  }

  /// An answer object by its name, a file, or the text itself.
  private mutating func answerText(_ value: Value, _ head: ProfileHead) -> AnswerText? {
    if case .mapping = value.node.content {
      let keys = ["text", "file", "kind"]
      guard let fields = Fields(value, of: "an answer", keys: keys) else { return nil }
      let kind: AnswerKind? = fields["kind"]?.choice("kind")
      return templates.text(fields, of: "an answer", as: .text, site: head.site)
        .map { AnswerText(kind: kind, template: $0) }
    }
    if let name = value.node.text, answers[name] != nil {
      return named(name, at: value, in: answers, .answers, for: head)
    }
    return templates.file(value, as: .text, site: head.site, or: .answers, among: answers.names)
      .map { AnswerText(kind: nil, template: $0) }
  }

  private func profileHooks(_ value: Value?, _ head: ProfileHead) -> [Hook] {
    var found: [Hook] = []
    for item in value?.oneOrMore(of: "hooks") ?? [] {
      guard let name = item.text("the name of a hook"),
        let hook = named(name, at: item, in: hooks, .hooks, for: head)
      else { continue }
      if found.contains(where: { $0.name == name }) {
        item.mistake("hook \(name) stands here a second time")
      }
      checkSecrets(of: hook.template, "hook \(name)", at: item, head)
      found.append(hook)
    }
    return found
  }

  /// Without an installation nobody is armed, and so nobody may have them.
  private func checkSecrets(
    of template: Template, _ noun: String, at value: Value, _ head: ProfileHead
  ) {
    guard !head.installs, let use = template.secretUses.first else { return }
    value.mistake(
      "\(noun) names secrets.\(use.name)\(Self.location(use, from: value)), and profile"
        + " \(head.name) has no \"install\": only an armed machine gets secrets")
  }

  private func installPolicy(_ value: Value, _ fields: Fields) -> InstallPolicy? {
    for key in ["menu", "boot"] where fields[key] != nil {
      fields.mistake(
        "\"install\" has no place beside \"\(key)\", which installs nothing", at: "install")
    }
    guard let keys = Fields(value, of: "install", keys: ["arm", "report", "expires"])
    else { return nil }
    var policy = InstallPolicy()
    if let arm: InstallPolicy.Arm = keys["arm"]?.choice("arm") { policy.arm = arm }
    if let report: InstallPolicy.Report = keys["report"]?.choice("report") {
      policy.report = report
    }
    if let expiry = keys["expires"]?.duration("2h", from: "1m", to: "7d", 60...7 * 86_400) {
      policy.expiry = expiry
    }
    return policy
  }

  /// A mapping of free names to texts.
  func texts(_ value: Value, _ noun: String) -> [String: String] {
    var texts: [String: String] = [:]
    for entry in Fields.entries(of: value, noun) ?? [] {
      let item = Value(node: entry.value, file: value.file, findings: findings)
      if let text = item.text("a text") { texts[entry.key] = text }
    }
    return texts
  }

  /// What templates name as `values.…`.
  func values(_ value: Value) -> [String: String] {
    let values = texts(value, "values")
    for entry in Fields.entries(of: value, "values") ?? []
    where !TemplateName.isValueName(entry.key) {
      findings.mistake(
        "\"\(Value.shown(entry.key))\" is no name of a value, expected letters, digits, - and _",
        at: entry.position, in: value.file.name)
    }
    return values
  }
}
