/// What stands behind a name: the same for TFTP and HTTP.
package enum Resource: Hashable, Sendable {
  package enum Tree: Hashable, Sendable {
    /// The operator's files.
    case files
    /// The installed loaders.
    case loaders
  }

  /// A file below one of the two trees.
  case file(Tree, BootPath)
  /// A menu, made when asked for unless a file of that tree has its name.
  case menu(Menu, Tree, BootPath)
  /// The iPXE script of whoever asks, or of the machine named.
  case script(machine: String?, ScriptQuery = ScriptQuery())
  /// A script of the catalog, which that one chains to.
  case subScript(Bearer, name: String)
  /// An answer file.
  case answer(Bearer, file: String)
  /// The hooks of one kind, as one script.
  case hooks(Bearer, Hook.When)
  /// Where reports are sent.
  case report(Bearer)

  /// Whose a thing below `/machines` is.
  package enum Bearer: Hashable, Sendable {
    /// The operator's name for it, or its hardware address with dashes.
    case name(String)
    /// Of one installation.
    case token(BootToken)

    init(_ text: String) { self = BootToken(text).map { .token($0) } ?? .name(text) }
  }

  /// The one reading of names: `/boot.ipxe`, `/machines/NAME/…` or `/machines/TOKEN/…`, `/files/PATH`, `/loaders/PATH`,
  /// names that boot programs search for a menu, and everything else is a file.
  package init(_ path: BootPath) {
    let parts = path.components
    switch parts[0] {
    case "boot.ipxe" where parts.count == 1:
      self = .script(machine: nil)
    case "machines" where parts.count == 3 && parts[2] == "boot.ipxe":
      self = .script(machine: parts[1])
    case "machines" where parts.count == 4 && parts[2] == "answers":
      self = .answer(Bearer(parts[1]), file: parts[3])
    case "machines" where parts.count == 4 && parts[2] == "scripts":
      self = .subScript(Bearer(parts[1]), name: parts[3])
    case "machines" where parts.count == 3 && parts[2] == "report":
      self = .report(Bearer(parts[1]))
    case "machines" where parts.count == 4 && parts[2] == "hooks":
      self =
        Hook.When(rawValue: parts[3]).map { .hooks(Bearer(parts[1]), $0) } ?? .file(.files, path)
    case "files":
      self = .file(.files, path.afterFirst ?? path)
    case "loaders":
      let path = path.afterFirst ?? path
      self = Menu(path, in: .loaders).map { .menu($0, .loaders, path) } ?? .file(.loaders, path)
    default:
      self = Menu(path, in: .files).map { .menu($0, .files, path) } ?? .file(.files, path)
    }
  }
}
