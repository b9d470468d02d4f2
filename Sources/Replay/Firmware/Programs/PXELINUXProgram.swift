import Network
import Wire

/// PXELINUX: its module, its configuration by the names that it searches, then what that says.
struct PXELINUXProgram: BootProgram {
  /// Where it came from.
  let url: BootURL
  private var stage = Stage.start
  private var names: [String] = []
  private var files = KernelFetch()

  private enum Stage: Sendable {
    case start
    case module
    case configuration
    case waiting(SyslinuxMenu.Label)
    case files(SyslinuxMenu.Label)
  }

  /// RFC 5071.
  private static let configurationFile: UInt8 = 209
  private static let pathPrefix: UInt8 = 210

  init(_ url: BootURL) { self.url = url }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch (stage, finding) {
    case (.start, _):
      stage = .module
      return fetch("ldlinux.c32", station)
    case (.module, .fetched): return search(&station)
    case (.module, .missed(let reason)): return .fail(.bootFile, reason)
    case (.configuration, .fetched(let file)): return read(file, &station)
    case (.configuration, _): return next(station)
    case (.waiting(let label), _): return boot(label, &station)
    case (.files, .fetched(let file)):
      files.take(file)
      return files.next(.pxelinux, .lpxelinux, station)
    case (.files, .missed(let reason)): return files.failed(reason)
    case (_, _): return .fail(.menu, "nothing is left to do")
    }
  }

  private mutating func search(_ station: inout Station) -> Turn {
    stage = .configuration
    let found = SearchedNames.names(station.identity.macAddress, station.address)
    names = (found + ["default"]).map { "pxelinux.cfg/\($0)" }
    if let file = text(Self.configurationFile, station) { names.insert(file, at: 0) }
    return next(station)
  }

  private mutating func next(_ station: Station) -> Turn {
    guard !names.isEmpty else {
      return .fail(.menu, "PXELINUX finds no configuration, not even pxelinux.cfg/default")
    }
    return fetch(names.removeFirst(), station)
  }

  private mutating func read(_ file: FetchedFile, _ station: inout Station) -> Turn {
    guard let text = file.text else {
      return file.unread(at: .menu)
    }
    station.note("reads \(file.url)")
    let menu = SyslinuxMenu(text)
    for line in menu.said { station.screen.show(line) }
    guard let label = menu.choice else { return .fail(.menu, "\(file.url) has no label") }
    guard menu.goesOn else { return .fail(.menu, "\(file.url) waits for a choice") }
    guard menu.prompts || menu.interface != nil, let timeout = menu.timeout else {
      return boot(label, &station)
    }
    station.screen.hasWaited = true
    stage = .waiting(label)
    return .run(.pause(.milliseconds(100 * min(timeout, 36_000))))
  }

  private mutating func boot(_ label: SyslinuxMenu.Label, _ station: inout Station) -> Turn {
    if label.isLocal { return .end(station.screen.leaving("starts its local disk")) }
    guard let kernel = label.kernel.flatMap({ located($0, station) }) else {
      return .fail(.menu, "label \(label.name) names no kernel")
    }
    var disks: [BootURL] = []
    for name in label.initrd {
      guard let url = located(name, station) else {
        return .fail(.initialRAMDisk, "\(name) is no name that PXELINUX can ask for")
      }
      disks.append(url)
    }
    files = KernelFetch(kernel, disks)
    stage = .files(label)
    return files.next(.pxelinux, .lpxelinux, station)
  }

  /// Puts its folder before every name without a server, even behind a slash.
  private func located(_ name: String, _ station: Station) -> BootURL? {
    if name.contains("://") { return BootURL(name) }
    if let mark = name.firstRange(of: "::") {
      let host = String(name[..<mark.lowerBound])
      return BootURL(
        .tftp, host: host.isEmpty ? url.host : host, path: String(name[mark.upperBound...]))
    }
    guard let prefix = text(Self.pathPrefix, station) else { return folder(name) }
    if let base = BootURL(prefix) { return BootURL(base.description + name) }
    var file = url
    file.path = prefix + name
    return file
  }

  private func folder(_ name: String) -> BootURL {
    var file = url
    file.path = String(url.path.dropLast(url.name.count)) + name
    return file
  }

  private func text(_ code: UInt8, _ station: Station) -> String? {
    station.lease?.options[code].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private func fetch(_ name: String, _ station: Station) -> Turn {
    guard let file = located(name, station) else {
      return .fail(.menu, "\(name) is no name that PXELINUX can ask for")
    }
    return .run(.fetch(Fetch(file, .pxelinux, .lpxelinux)))
  }
}
