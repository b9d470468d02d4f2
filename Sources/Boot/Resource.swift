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
  case script(machine: String?)
  /// An answer file of the machine named.
  case answer(machine: String, file: String)
  /// Where the machine named sends its reports.
  case report(machine: String)

  /// The one reading of names: `/boot.ipxe`, `/machines/NAME/…`, `/files/PATH`, `/loaders/PATH`,
  /// names that boot programs search for a menu, and everything else is a file.
  package init(_ path: BootPath) {
    let parts = path.components
    switch parts[0] {
    case "boot.ipxe" where parts.count == 1:
      self = .script(machine: nil)
    case "machines" where parts.count == 3 && parts[2] == "boot.ipxe":
      self = .script(machine: parts[1])
    case "machines" where parts.count == 4 && parts[2] == "answers":
      self = .answer(machine: parts[1], file: parts[3])
    case "machines" where parts.count == 3 && parts[2] == "report":
      self = .report(machine: parts[1])
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
