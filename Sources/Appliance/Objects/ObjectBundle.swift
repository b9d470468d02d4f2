import Boot
import YAML

/// The files of one apply: YAML with sections of objects, and the files that these name.
package struct ObjectBundle: Sendable {
  package struct File: Hashable, Sendable {
    /// As the operator named it, folders with `/`.
    package var name: String
    package var text: String

    package init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }
}
