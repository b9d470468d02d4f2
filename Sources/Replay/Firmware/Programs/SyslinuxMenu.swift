/// A configuration of PXELINUX, which U-Boot's `pxe` and `sysboot` read too.
struct SyslinuxMenu: Sendable {
  struct Label: Sendable {
    let name: String
    var kernel: String?
    /// Whether the kernel is Linux whatever its name ends with.
    var isLinux = false
    var initrd: [String] = []
    var arguments = ""
    var isLocal = false
    var isDefault = false
  }

  private(set) var labels: [Label] = []
  private(set) var preset: String?
  private(set) var onTimeout: String?
  /// Whether it stops for a person.
  private(set) var prompts = false
  /// Tenths of a second; nil: for ever.
  private(set) var timeout: Int?
  private(set) var said: [String] = []
  /// A menu's module, as `vesamenu.c32`.
  private(set) var interface: String?

  private static let mostLabels = 256

  init(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        .map { $0.trimmed }
      guard let first = words.first, !first.isEmpty, !first.hasPrefix("#") else { continue }
      let tabbed = first.split(separator: "\t", maxSplits: 1).map { $0.trimmed }
      let rest = [tabbed.dropFirst().first, words.dropFirst().first].compactMap(\.self)
        .joined(separator: " ")
      take(tabbed.first?.uppercased() ?? "", rest)
    }
  }

  private mutating func take(_ keyword: String, _ rest: String) {
    switch keyword {
    case "DEFAULT": preset = rest
    case "ONTIMEOUT": onTimeout = rest
    case "UI": interface = rest
    case "PROMPT": prompts = (Int(rest) ?? 0) != 0
    case "TIMEOUT": timeout = Int(rest).flatMap { $0 > 0 ? $0 : nil }
    case "SAY": said.append(rest)
    case "LABEL":
      guard labels.count < Self.mostLabels else { return }
      labels.append(Label(name: rest))
    case _:
      guard !labels.isEmpty else { return }
      takeOfLabel(keyword, rest)
    }
  }

  private mutating func takeOfLabel(_ keyword: String, _ rest: String) {
    let last = labels.count - 1
    switch keyword {
    case "LINUX":
      labels[last].kernel = rest
      labels[last].isLinux = true
    case "KERNEL", "BOOT", "BSS", "PXE", "COM32":
      labels[last].kernel = rest
    case "INITRD": labels[last].initrd = Self.list(rest)
    case "APPEND":
      labels[last].arguments = rest
      for word in rest.split(separator: " ") where word.hasPrefix("initrd=") {
        if labels[last].initrd.isEmpty {
          labels[last].initrd = Self.list(String(word.dropFirst("initrd=".count)))
        }
      }
    case "LOCALBOOT": labels[last].isLocal = true
    case "MENU" where rest.uppercased() == "DEFAULT": labels[last].isDefault = true
    case _: break
    }
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmed }
  }

  /// Whether it goes on without a person.
  var goesOn: Bool {
    if timeout != nil { return true }
    return !prompts && interface == nil && !hasModuleAsDefault
  }

  private var hasModuleAsDefault: Bool {
    preset?.split(separator: " ").first?.hasSuffix(".c32") ?? false
  }

  /// What boots when nobody chooses.
  var choice: Label? {
    let name = onTimeout ?? preset ?? ""
    return labels.first { $0.name.lowercased() == name.lowercased() }
      ?? labels.first(where: \.isDefault) ?? labels.first
  }
}

extension StringProtocol {
  /// Without blanks at either end.
  var trimmed: String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    let start = drop(while: isBlank)
    let end = start.reversed().drop(while: isBlank)
    return String(end.reversed())
  }
}
