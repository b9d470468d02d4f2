/// Why a command could not do its work, in one sentence; it ends with 1.
///
/// A `ValidationError` is for a command that was called wrongly: it prints the usage and ends with 64.
struct Refusal: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
