import Boot
import Network

// The commands that fetch nothing.
extension IPXEInterpreter {
  mutating func run(_ name: String, _ words: ArraySlice<String>, _ station: inout Station) -> Result
  {
    let rest = words.dropFirst()
    if let result = flow(name, rest, &station) ?? setting(name, rest, station) { return result }
    if let command = IPXEImageCommand.Kind(rawValue: Self.synonym(name)) {
      return fetch(command, rest, &station)
    }
    return device(name, rest, &station) ?? person(name, rest, &station)
      ?? .turn(
        .fail(.script, "\(frames.last?.text ?? ""): iPXE knows no command \u{201c}\(name)\u{201d}"))
  }

  private static func synonym(_ name: String) -> String {
    switch name {
    case "imgselect", "imgload": "kernel"
    case "module", "imgget": "initrd"
    case "boot": "imgexec"
    default: name
    }
  }

  private mutating func flow(
    _ name: String, _ words: ArraySlice<String>, _ station: inout Station
  ) -> Result? {
    switch name {
    case "goto":
      let label = words.first ?? ""
      guard let lines = frames.last?.lines,
        let line = lines.firstIndex(where: { $0.label == label })
      else {
        note("\(frames.last?.text ?? ""): there is no label \(label)", .script)
        return .done(false)
      }
      move(to: line)
      return .moved
    case "exit": return exit((words.first.flatMap { Int($0) } ?? 0) == 0, &station)
    case "sleep":
      let seconds = words.first.flatMap { Int($0) } ?? 0
      pending = .sleep
      return .turn(.run(.pause(.seconds(max(0, min(seconds, 3600))))))
    case "echo":
      station.screen.show(IPXEArguments(words).rest.joined(separator: " "))
      return .done(true)
    case "time": return run(words.first ?? "", words, &station)
    default: return nil
    }
  }

  private mutating func setting(
    _ name: String, _ words: ArraySlice<String>, _ station: Station
  ) -> Result? {
    let words = Array(words)
    switch name {
    case "set":
      guard let setting = words.first else { return .done(false) }
      settings.set(setting, words.dropFirst().joined(separator: " "))
      return .done(true)
    case "clear":
      words.first.map { settings.clear($0) }
      return .done(true)
    case "isset": return .done(!(words.first ?? "").isEmpty)
    case "iseq": return .done(words.count == 2 && words[0] == words[1])
    case "inc":
      guard let setting = words.first else { return .done(false) }
      let old = settings.value(named: setting, station).flatMap { Int($0) } ?? 0
      settings.set(setting, "\(old &+ (words.dropFirst().first.flatMap { Int($0) } ?? 1))")
      return .done(true)
    case "params":
      parameters = []
      return .done(true)
    case "param":
      let words = IPXEArguments(words[...]).rest
      if words.count >= 2, parameters.count < 64 {
        parameters.append((words[0], words.dropFirst().joined(separator: " ")))
      }
      return .done(true)
    case "cpuid":
      // Only for the bit that says 64-bit is it asked in boot scripts.
      return .done(IPXEArguments(words[...]).rest.last == "29" && build.processor == "x86_64")
    case "menu":
      menu.clear()
      return .done(true)
    case "item":
      let item = IPXEArguments(words[...], flags: ["default"])
      if item.options["gap"] == nil, let label = item.rest.first {
        menu.add(label, isDefault: item.options["default"] != nil)
      }
      return .done(true)
    default: return nil
    }
  }

  /// What is done to interfaces, images and the machine.
  private mutating func device(
    _ name: String, _ words: ArraySlice<String>, _ station: inout Station
  ) -> Result? {
    let arguments = IPXEArguments(words)
    switch name {
    case "ifopen", "ifclose", "iflinkwait", "ifstat":
      let interface = arguments.rest.first ?? "net0"
      return .done(["net0", "netX"].contains(interface))
    case "dhcp", "ifconf":
      let interface = arguments.rest.first ?? "net0"
      guard ["net0", "netX"].contains(interface) else { return .done(false) }
      pending = .lease
      return .turn(.run(.dhcp(build.exchange)))
    case "autoboot", "netboot":
      pending = .autoboot
      return .turn(.run(.dhcp(build.exchange)))
    case "imgargs":
      guard let index = images.firstIndex(where: { $0.name == words.first }) else {
        return .done(false)
      }
      images[index].arguments = Array(words.dropFirst())
      return .done(true)
    case "imgfree":
      if let name = words.first { images.removeAll { $0.name == name } } else { images = [] }
      return .done(true)
    case "imgstat", "imgtrust", "imgmem", "sync", "ntp", "console", "colour", "color", "cpair",
      "show", "route", "ping", "vcreate", "vdestroy", "certstat", "profstat", "nstat", "ipstat",
      "fcstat", "usbscan", "pciscan":
      return .done(true)
    case "sanboot", "sanhook":
      guard name == "sanboot" else { return .done(true) }
      let uri = arguments.rest.first
      return .turn(
        .end(station.screen.leaving(uri.map { "starts \($0)" } ?? "starts its local disk")))
    case "sanunhook": return .done(true)
    case "reboot", "poweroff":
      return .turn(.fail(.script, "\(frames.last?.text ?? "") says \(name)"))
    default: return nil
    }
  }

  /// What waits for a person, who does not come.
  private mutating func person(
    _ name: String, _ words: ArraySlice<String>, _ station: inout Station
  ) -> Result? {
    let arguments = IPXEArguments(words)
    let place = frames.last?.text ?? ""
    switch name {
    case "prompt":
      guard let timeout = arguments.timeout else {
        return .turn(.fail(.menu, "\(place) waits for a key"))
      }
      pending = .prompt
      return .turn(.run(.pause(timeout)))
    case "choose":
      guard let setting = arguments.rest.first,
        let label = arguments.options["default"] ?? menu.preset ?? menu.labels.first
      else { return .done(false) }
      guard let timeout = arguments.timeout else {
        return .turn(.fail(.menu, "\(place) waits for a choice"))
      }
      pending = .choice(setting: setting, label: label)
      return .turn(.run(.pause(timeout)))
    case "shell", "config", "login", "read", "form", "present":
      let reason = failure.map { ": \($0.reason)" } ?? ""
      return .turn(.fail(failure?.step ?? .script, "\(place) opens its \(name)" + reason))
    default: return nil
    }
  }
}
