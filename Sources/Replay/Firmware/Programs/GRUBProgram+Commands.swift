import Boot

// What a configuration says, command by command.
extension GRUBProgram {
  /// Goes on with what a fetch or a pause was for.
  mutating func settle(_ finding: Finding, _ station: inout Station) -> Turn {
    switch (stage, finding) {
    case (.kernel, .fetched(let file)):
      kernel = file
      disks = 0
    case (.kernel, .missed(let reason)): return .fail(.kernel, reason)
    case (.disks(let left), .fetched):
      disks += 1
      guard left.isEmpty else {
        stage = .disks(left: Array(left.dropFirst()))
        return .run(.fetch(Fetch(left[0], .grub, .grub)))
      }
    case (.disks, .missed(let reason)): return .fail(.initialRAMDisk, reason)
    case (.chainloader, .fetched(let file)): chained = .file(file)
    case (.chainloader, .missed(let reason)): return .fail(.bootFile, reason)
    case (.configuration, .fetched(let file)): return run(file, &station)
    case (.configuration, .missed): shell.status = false
    case (_, _): break
    }
    stage = .script
    return go(&station)
  }

  /// Runs until something is to be waited for.
  mutating func go(_ station: inout Station) -> Turn {
    while true {
      switch shell.next() {
      case .command(let words):
        shell.status = true
        if let turn = perform(words, &station) { return turn }
      case .block(let words, let body):
        guard words.first != "function", entries.count < 256 else { continue }
        if !isChosen { entries.append(Entry(words: Array(words.dropFirst()), body: body)) }
      case .endless: return .fail(.menu, "its configuration runs for ever")
      case .ended:
        if let turn = boot(&station) { return turn }
        guard !isChosen, !entries.isEmpty else {
          return .fail(.menu, "its configuration ends without a boot")
        }
        if let turn = choose() { return turn }
      }
    }
  }

  /// Takes the entry that stands when nobody chooses.
  private mutating func choose() -> Turn? {
    guard let seconds = shell.variables["timeout"].flatMap({ Int($0) }), seconds >= 0 else {
      return .fail(.menu, "its menu waits for a choice")
    }
    let preset = shell.variables["default"] ?? "0"
    let entry =
      Int(preset).flatMap { entries.indices.contains($0) ? entries[$0] : nil }
      ?? entries.first { $0.words.contains(preset) } ?? entries[0]
    isChosen = true
    shell.start(entry.body)
    guard seconds > 0 else { return nil }
    stage = .waiting
    return .run(.pause(.seconds(min(seconds, 3600))))
  }

  private func boot(_ station: inout Station) -> Turn? {
    if let kernel {
      if let misfit = ProgramImage(kernel).misfit(kernel.url.name, on: station.architecture),
        station.architecture != .x86BIOS
      {
        return .fail(.kernel, misfit)
      }
      let what =
        disks == 0 ? "" : disks == 1 ? " with its initial RAM disk" : " with \(disks) files"
      return .end(.booted(how: "starts \(kernel.url)\(what)"))
    }
    switch chained {
    case .file(let file): return ProgramImage.start(file, &station)
    case .disk: return .end(station.screen.leaving("starts its local disk"))
    case nil: return nil
    }
  }

  private mutating func perform(_ words: [String], _ station: inout Station) -> Turn? {
    let arguments = words.dropFirst().filter { !$0.hasPrefix("--") }
    switch words[0] {
    case "linux", "linuxefi", "linux16", "kernel":
      stage = .kernel
      return arguments.first.map { fetch(kernel: $0) }
    case "initrd", "initrdefi", "initrd16":
      var urls: [BootURL] = []
      for name in arguments {
        guard let url = located(name) else {
          return .fail(.initialRAMDisk, "GRUB cannot fetch \(name)")
        }
        urls.append(url)
      }
      guard let first = urls.first else { return nil }
      stage = .disks(left: Array(urls.dropFirst()))
      return .run(.fetch(Fetch(first, .grub, .grub)))
    case "chainloader": return chainload(arguments.first ?? "")
    case "boot": return boot(&station) ?? .fail(.menu, "there is nothing to boot")
    case "exit": return .end(station.screen.leaving("leaves to the next boot option, as told"))
    case "configfile", "source", ".", "extract_entries_configfile":
      guard let url = arguments.first.flatMap({ located($0) }) else {
        shell.status = false
        return nil
      }
      if words[0] == "configfile" { shell.stop() }
      stage = .configuration
      return .run(.fetch(Fetch(url, .grub, .grub)))
    case "sleep":
      station.screen.hasWaited = true
      stage = .waiting
      return .run(
        .pause(.seconds(arguments.last.flatMap { Int($0) }.map { max(0, min($0, 3600)) } ?? 0)))
    case "halt", "reboot", "fwsetup": return .fail(.menu, "its configuration says \(words[0])")
    default:
      settle(words, arguments, &station)
      return nil
    }
  }

  /// Commands that are over at once.
  private mutating func settle(
    _ words: [String], _ arguments: [String], _ station: inout Station
  ) {
    switch words[0] {
    case "set":
      guard let pair = arguments.first, let sign = pair.firstIndex(of: "=") else { return }
      shell.set(String(pair[..<sign]), String(pair[pair.index(after: sign)...]))
    case "unset": arguments.first.map { shell.set($0, nil) }
    case "echo": station.screen.show(arguments.filter { $0 != "-n" }.joined(separator: " "))
    // No disk is found by anything: it boots from the network.
    case "search", "cryptomount", "load_env", "regexp", "loopback": shell.status = false
    default: break
    }
  }

  private mutating func fetch(kernel name: String) -> Turn {
    guard let url = located(name) else { return .fail(.kernel, "GRUB cannot fetch \(name)") }
    return .run(.fetch(Fetch(url, .grub, .grub)))
  }

  private mutating func chainload(_ name: String) -> Turn? {
    let isOfDisk =
      name.hasPrefix("+") || name.hasPrefix("(hd")
      || (shell.variables["root"] ?? "").contains("hd")
    if isOfDisk {
      chained = .disk
      return nil
    }
    stage = .chainloader
    guard let url = located(name) else { return .fail(.bootFile, "GRUB cannot fetch \(name)") }
    return .run(.fetch(Fetch(url, .grub, .grub)))
  }
}
