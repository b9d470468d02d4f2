extension Profile {
  /// The profiles that every catalog has, unless the operator made one of that name.
  static func builtIn(named name: String) -> Profile? {
    switch name {
    case "discover": Profile(name: name, boot: .discover)
    case "local": Profile(name: name, boot: .local)
    default: nil
    }
  }

  /// Their names.
  package static let builtInNames = ["discover", "local"]
}
