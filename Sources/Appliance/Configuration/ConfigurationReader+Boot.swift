import Boot
import EventLoop
import YAML

/// The menu of a profile, for when all profiles are known.
struct MenuDraft {
  var profile: ProfileHead
  var entries: [(name: String, place: Value)]
}

extension ConfigurationReader {
  private enum ByName: String, CaseIterable {
    case local
    case discover
  }

  mutating func boot(_ fields: Fields, _ head: ProfileHead) -> Profile.Boot? {
    let kernel = kernel(fields, head)
    let script = fields["script"].flatMap { self.script($0, head) }
    let menu = fields["menu"].flatMap { self.menu($0, head) }
    let boot: ByName? = fields["boot"]?.choice("boot")
    let kernelKeys = ["kernel", "initrd", "arguments"]
    if fields["boot"] != nil {
      refuse(kernelKeys + ["script", "menu"], beside: "boot: \(boot?.rawValue ?? "local")", fields)
      switch boot {
      case .local: return .local
      case .discover: return .discover
      case nil: return nil
      }
    }
    if fields["menu"] != nil {
      refuse(kernelKeys + ["script"], beside: "menu", fields)
      return menu.map { .menu($0) }
    }
    if fields["script"] != nil {
      for key in kernelKeys where fields[key] != nil {
        fields.warning("\"\(key)\" has no effect: \"script\" stands in its place", at: key)
      }
      return script
    }
    if fields["kernel"] != nil { return kernel.map { .kernel($0) } }
    fields.value.mistake("a profile has none of \"kernel\", \"script\", \"menu\" and \"boot\"")
    return nil
  }

  private func refuse(_ keys: [String], beside other: String, _ fields: Fields) {
    for key in keys where fields[key] != nil {
      fields.mistake("\"\(key)\" has no place beside \"\(other)\"", at: key)
    }
  }

  /// A script object by its name, a file, or the text itself.
  private mutating func script(_ value: Value, _ head: ProfileHead) -> Profile.Boot? {
    if let name = value.node.text, scripts[name] != nil {
      guard let script = named(name, at: value, in: scripts, .scripts, for: head) else {
        return nil
      }
      if script.variants.isEmpty, let template = script.template { return .script(template) }
      return .scriptNamed(name)
    }
    let template: Template?
    if case .mapping = value.node.content {
      template = Fields(value, of: "a script", keys: ["text", "file"]).flatMap {
        templates.text($0, of: "a script", as: .script, site: head.site)
      }
    } else {
      template = templates.file(
        value, as: .script, site: head.site, or: .scripts, among: scripts.names)
    }
    refuseSecrets(template, at: value, "the script of profile \(head.name)")
    return template.map { .script($0) }
  }

  private func kernel(_ fields: Fields, _ head: ProfileHead) -> KernelBoot? {
    let kernel = fields["kernel"].flatMap { path($0, head) }
    let initrd = fields["initrd"]?.oneOrMore(of: "paths")?.compactMap { path($0, head) }
    let arguments = fields["arguments"].flatMap { line($0, "the kernel's arguments", head) }
    guard let kernel else { return nil }
    return KernelBoot(
      kernel: kernel, initrd: initrd ?? [], arguments: arguments ?? Template(verbatim: ""))
  }

  /// A path below the files tree, or a URL; either may hold variables.
  private func path(_ value: Value, _ head: ProfileHead) -> Template? {
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
    return line(value, form, head)
  }

  /// A text of the profile itself that stands on one line of scripts and menus.
  private func line(_ value: Value, _ expected: String, _ head: ProfileHead) -> Template? {
    let template = templates.inline(value, expected, site: head.site)
    refuseSecrets(template, at: value, "profile \(head.name)")
    return template
  }

  private mutating func menu(_ value: Value, _ head: ProfileHead) -> BootMenu? {
    let keys = ["title", "timeout", "default", "entries"]
    guard let fields = Fields(value, of: "a menu", keys: keys) else { return nil }
    let form = "a title of one line, at most 64 characters"
    let title = fields["title"]?.read(form) { text in
      let isLine = !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
      return isLine && text.unicodeScalars.count <= 64 ? text : nil
    }
    let timeout = fields["timeout"]?.duration("10s", from: "0s", to: "1h", 0...3_600)
    guard let list = fields.required("entries", of: "a menu") else { return nil }
    var entries: [(name: String, place: Value)] = []
    for item in list.list(of: "profiles") ?? [] {
      guard let name = item.text("the name of a profile") else { continue }
      if entries.contains(where: { $0.name == name }) {
        item.mistake("\(Value.shown(name)) stands in the menu a second time")
      } else {
        entries.append((name, item))
      }
    }
    if entries.isEmpty, case .sequence = list.node.content {
      list.mistake("a menu without entries")
    }
    if entries.count > Self.menuMax {
      list.mistake("\(entries.count) entries, at most \(Self.menuMax) have room on a screen")
    }
    menus.append(MenuDraft(profile: head, entries: entries))
    let chosen = fields["default"]?.name(of: "entry", among: entries.map(\.name))
    return BootMenu(
      title: title ?? head.name, entries: entries.map(\.name), chosen: chosen,
      timeout: timeout ?? .seconds(10))
  }

  private static let menuMax = 32

  /// What can be said of menus only when all profiles are known.
  func checkMenus() {
    for menu in menus {
      for (name, place) in menu.entries {
        guard isProfile(name) else {
          unknownProfile(name, place)
          continue
        }
        guard let entry = profile(named: name) else { continue }
        if case .menu = entry.boot {
          place.mistake("\(name) is a menu itself; a menu's entries boot something")
        }
        if let owner = entry.site, owner != menu.profile.site {
          place.mistake(
            "profile \(name) is for the site \(owner) only, and the menu \(menu.profile.name) for"
              + " \(menu.profile.site.map { "the site \($0)" } ?? "all sites")")
        }
      }
    }
  }
}
