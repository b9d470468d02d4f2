import Boot
import EventLoop
import Network
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
    "match", "kernel", "initrd", "arguments", "script", "answers", "loader", "boot",
  ]

  mutating func readProfiles(_ value: Value) {
    for entry in Fields.entries(of: value, "profiles") ?? [] {
      func mistake(_ text: String) {
        findings.mistake(text, at: entry.position, in: value.file.name)
      }
      if !Value.isIdentifier(entry.key) {
        mistake(
          "\"\(Value.shown(entry.key))\" is no name of letters, digits, \".\", \"-\" and \"_\"")
      }
      if entry.key == Catalog.ignore {
        mistake("\"ignore\" stands for silence and names no profile")
      }
      if let other = profiles.first(where: { $0.name == entry.key }) {
        mistake(
          "profile \"\(entry.key)\" is defined in \(other.file):\(other.position.line) already")
      }
      let item = Value(node: entry.value, file: value.file, findings: findings)
      profiles.append(
        ProfileDraft(
          name: entry.key, profile: profile(entry.key, item), file: value.file.name,
          position: entry.position))
    }
  }

  mutating func readDefaultProfile(_ value: Value) {
    guard let name = value.text("the name of a profile, or ignore") else { return }
    if name == Catalog.ignore {
      defaultProfile = .ignore
    } else if isProfile(name) {
      defaultProfile = .profile(name)
    } else if name == "discover" {
      notServedYet("the built-in profile discover", at: value)
    } else {
      unknownProfile(name, value)
    }
  }

  func isProfile(_ name: String) -> Bool { profiles.contains { $0.name == name } }

  func unknownProfile(_ name: String, _ value: Value) {
    value.mistake(
      "profile \"\(Value.shown(name))\" is not defined"
        + NearestName.question(name, among: profiles.map(\.name)))
  }

  private mutating func profile(_ name: String, _ item: Value) -> Profile? {
    guard let fields = Fields(item, of: "a profile", keys: Self.profileKeys) else { return nil }
    let match = fields["match"].map(match) ?? Match()
    let loader: Loader.Set? = fields["loader"]?.choice("loader")
    let boot = boot(fields)
    var answers: [String: Template] = [:]
    if let value = fields["answers"] {
      for entry in Fields.entries(of: value, "answers") ?? [] {
        if BootPath(entry.key)?.components != [entry.key] {
          findings.mistake(
            "\"\(Value.shown(entry.key))\" is no file name", at: entry.position,
            in: value.file.name)
        }
        answers[entry.key] = templates.file(
          Value(node: entry.value, file: value.file, findings: findings))
      }
    }
    guard let boot else { return nil }
    return Profile(name: name, match: match, boot: boot, answers: answers, loader: loader ?? .ipxe)
  }

  private mutating func boot(_ fields: Fields) -> Profile.Boot? {
    let kernel = kernel(fields)
    let script = fields["script"].flatMap { templates.file($0) }
    let local = fields["boot"]?.name(of: "boot", among: ["local"])
    if fields["script"] != nil {
      for key in ["kernel", "initrd", "arguments"] where fields[key] != nil {
        fields.warning("\"\(key)\" has no effect: \"script\" stands in its place", at: key)
      }
    }
    if fields["boot"] != nil {
      for key in ["kernel", "initrd", "arguments", "script"] where fields[key] != nil {
        fields.mistake("\"\(key)\" has no place beside \"boot: local\"", at: key)
      }
      return local.map { _ in .local }
    }
    if fields["script"] != nil { return script.map { .script($0) } }
    if fields["kernel"] != nil { return kernel.map { .kernel($0) } }
    fields.value.mistake("a profile has none of \"kernel\", \"script\" and \"boot: local\"")
    return nil
  }

  private func kernel(_ fields: Fields) -> KernelBoot? {
    let kernel = fields["kernel"].flatMap(path)
    let initrd = fields["initrd"]?.oneOrMore(of: "paths")?.compactMap(path)
    let arguments = fields["arguments"].map { templates.inline($0, "the kernel's arguments") }
    guard let kernel else { return nil }
    return KernelBoot(
      kernel: kernel, initrd: initrd ?? [],
      arguments: (arguments ?? nil) ?? Template(verbatim: ""))
  }

  /// A path below the files tree, or a URL; either may hold variables.
  private func path(_ value: Value) -> Template? {
    let form = "a path below \"files\", or a URL"
    guard let text = value.text(form) else { return nil }
    let blanks = text.unicodeScalars.contains { $0.value <= 0x20 || $0.value == 0x7f }
    let isPlain = !text.contains("{{") && !text.contains("@architecture@")
    if isPlain, blanks {
      // iPXE has no quotes: the rest would be an argument.
      value.mistake("\"\(Value.shown(text))\" holds a blank, expected \(form)")
      return nil
    }
    if isPlain, !text.contains("://") {
      guard let path = BootPath(text) else {
        value.mistake("\"\(Value.shown(text))\" is not \(form)")
        return nil
      }
      if !Folder.exists("\(settings.files)/\(path)") {
        value.warning("\(settings.files)/\(path) does not exist")
      }
    }
    return templates.inline(value, form)
  }

  private func match(_ value: Value) -> Match {
    let keys = ["architecture", "subnet", "vendor", "mac-prefix", "labels", "firmware"]
    guard let fields = Fields(value, of: "match", keys: keys) else { return Match() }
    var match = Match()
    match.architectures = all(fields["architecture"], "architectures") { $0.choice("architecture") }
    match.firmware = all(fields["firmware"], "firmware") { $0.choice("firmware") }
    match.vendors = all(fields["vendor"], "vendor classes") { $0.text("a vendor class") }
    match.macPrefixes = all(fields["mac-prefix"], "prefixes", macPrefix)
    match.subnets = all(fields["subnet"], "prefixes", listedSubnet)
    if let labels = fields["labels"] { match.labels = texts(labels, "labels") }
    return match
  }

  private func all<Item>(
    _ value: Value?, _ noun: String, _ read: (Value) -> Item?
  ) -> [Item] {
    (value?.oneOrMore(of: noun) ?? []).compactMap(read)
  }

  private func macPrefix(_ value: Value) -> [UInt8]? {
    guard let bytes = OptionRow.Kind.hexadecimal(value) else { return nil }
    guard (1...6).contains(bytes.count) else {
      value.mistake("\(bytes.count) octets, expected 1 to 6 as 52:54:00")
      return nil
    }
    return bytes
  }

  private func listedSubnet(_ value: Value) -> IPv4Prefix? {
    guard let prefix = value.read("a prefix as 10.77.0.0/16", { IPv4Prefix($0) }) else {
      return nil
    }
    guard subnets.contains(where: { $0.subnet.network == prefix }) else {
      value.mistake("\(prefix) is not listed under subnets")
      return nil
    }
    return prefix
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
}
