/// A loader that cannot be had, or may not be offered: one sentence for the operator.
package struct LoaderFailure: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
