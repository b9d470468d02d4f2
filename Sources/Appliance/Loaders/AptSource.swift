/// One entry of apt's sources: sources.list(5), both of its forms.
package struct AptSource: Equatable, Sendable {
  package var uris: [String]
  package var suites: [String]
  package var components: [String]
  /// The keyring that must verify it: a path, fingerprints, or nil for apt's trusted keys. A key
  /// written into the entry itself counts as nil.
  package var signedBy: String?

  /// The entries of a `.sources` file: paragraphs of fields.
  package static func read(paragraphs text: String) -> [AptSource] {
    var sources: [AptSource] = []
    var fields: [String: String] = [:]
    var last = ""
    for line in (text + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#") { continue }
      if line.allSatisfy(\.isWhitespace) {
        if let source = AptSource(fields) { sources.append(source) }
        fields = [:]
      } else if line.first?.isWhitespace == true {
        fields[last, default: ""] += " " + line
      } else if let colon = line.firstIndex(of: ":") {
        last = line[..<colon].lowercased()
        fields[last] = String(line[line.index(after: colon)...])
      }
    }
    return sources
  }

  private init?(_ fields: [String: String]) {
    func words(_ name: String) -> [String] {
      (fields[name] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }
    guard words("types").contains("deb"), words("enabled") != ["no"] else { return nil }
    uris = words("uris")
    suites = words("suites")
    components = words("components")
    signedBy = words("signed-by").first.flatMap { $0.hasPrefix("-----") ? nil : $0 }
    guard !uris.isEmpty, !suites.isEmpty else { return nil }
  }

  /// The entries of a `.list` file: `deb [option=value …] uri suite component …` a line.
  package static func read(lines text: String) -> [AptSource] {
    text.split(separator: "\n").compactMap { AptSource(line: $0) }
  }

  private init?(line: Substring) {
    var rest = line.prefix { $0 != "#" }.drop(while: \.isWhitespace)
    guard rest.hasPrefix("deb ") || rest.hasPrefix("deb\t") else { return nil }
    rest = rest.dropFirst(4).drop(while: \.isWhitespace)
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { return nil }
      for option in rest[..<end].dropFirst().split(whereSeparator: \.isWhitespace)
      where option.hasPrefix("signed-by=") {
        signedBy = String(option.dropFirst("signed-by=".count))
      }
      rest = rest[end...].dropFirst()
    }
    let words = rest.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count >= 2 else { return nil }
    uris = [words[0]]
    suites = [words[1]]
    components = Array(words.dropFirst(2))
  }

  /// The entry as a paragraph that fetches nothing but the list of packages.
  package var paragraph: String {
    var lines = [
      "Types: deb", "URIs: \(uris.joined(separator: " "))",
      "Suites: \(suites.joined(separator: " "))",
      "Components: \(components.joined(separator: " "))", "Targets: Packages", "Languages: none",
    ]
    if let signedBy { lines.append("Signed-By: \(signedBy)") }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension AptSource {
  /// Whether it is Debian's own archive rather than somebody's packages for that release, which
  /// must not be asked for Debian's: those bring a keyring of their own.
  func isDebian(_ release: DebianRelease) -> Bool {
    let own = suites.contains { $0 == release.rawValue || $0 == "stable" || $0 == "oldstable" }
    guard own, components.contains("main") else { return false }
    guard let signedBy else { return true }
    return signedBy.contains("debian-archive")
  }

  /// The same mirror's entry for another release, verified by `keyring`.
  func entry(for release: DebianRelease, keyring: String?) -> AptSource {
    AptSource(
      uris: uris.filter { !$0.hasPrefix("cdrom:") }, suites: [release.rawValue],
      components: ["main"], signedBy: keyring)
  }

  private init(uris: [String], suites: [String], components: [String], signedBy: String?) {
    self.uris = uris
    self.suites = suites
    self.components = components
    self.signedBy = signedBy
  }
}
