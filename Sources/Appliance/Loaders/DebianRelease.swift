/// Debian's releases, oldest first.
package enum DebianRelease: String, CaseIterable, Sendable {
  case bullseye
  case bookworm
  case trixie
  case forky
  case duke

  /// The first whose iPXE is built for arm64 and asks for `autoexec.ipxe`.
  static let firstWithWholeIPXE = DebianRelease.trixie

  /// What `/etc/os-release` says; nil for another distribution.
  package init?(osRelease text: String) {
    var values: [Substring: String] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { values[parts[0]] = parts[1].filter { $0 != "\"" && $0 != "'" } }
    }
    guard values["ID"] == "debian", let name = values["VERSION_CODENAME"] else { return nil }
    self.init(rawValue: name)
  }

  /// The release whose iPXE a machine of this one should offer.
  package var best: DebianRelease {
    let all = Self.allCases
    guard let own = all.firstIndex(of: self),
      let first = all.firstIndex(of: Self.firstWithWholeIPXE)
    else { return self }
    return all[max(own, first)]
  }
}
