/// A name that a client asked for, as a path that cannot leave its tree.
///
/// One parser for TFTP names and HTTP paths, so that one table of tests holds for both.
package struct BootPath: Hashable, Sendable {
  /// The parts, none of them empty, `.` or `..`.
  package let components: [String]

  /// Longest name taken, in bytes.
  package static let limit = 1024

  /// Takes a name as it was asked for (percent signs are already resolved by HTTP).
  ///
  /// A slash at the front, doubled slashes and `.` do not count; a backslash is a slash, because
  /// Windows' boot programs write it so. nil for what could leave the tree or is no text: `..`,
  /// NUL and other control characters, bytes that are no UTF-8, too long a name, no name at all.
  package init?(_ octets: some Collection<UInt8>) {
    guard octets.count <= Self.limit, let text = String(validating: octets, as: UTF8.self),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
    else { return nil }
    var components: [String] = []
    // Scalars, not characters: a combining mark after a slash must not hide the slash.
    for part in text.unicodeScalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }) {
      let component = String(part)
      guard component != ".." else { return nil }
      if component != "." { components.append(component) }
    }
    guard !components.isEmpty else { return nil }
    self.components = components
  }

  package init?(_ text: String) { self.init(Array(text.utf8)) }

  init(components: [String]) { self.components = components }

  /// The path without its first part; nil when nothing is left.
  package var afterFirst: BootPath? {
    components.count > 1 ? BootPath(components: Array(components.dropFirst())) : nil
  }

  /// The path in a folder.
  package func below(_ folder: String) -> BootPath {
    BootPath(components: [folder] + components)
  }

  /// The last part.
  package var name: String { components.last ?? "" }
}

extension BootPath: CustomStringConvertible {
  package var description: String { components.joined(separator: "/") }
}
