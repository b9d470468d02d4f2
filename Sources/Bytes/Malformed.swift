/// The one error of every codec: what is wrong with a stranger's bytes, and where.
///
/// The caller counts it and drops the packet, or answers with the protocol's own refusal.
package struct Malformed: Error, Equatable, Sendable {
  /// What is wrong.
  package enum Reason: Equatable, Sendable {
    /// The bytes end before the field does.
    case truncated
    /// The named field holds a value that its format does not allow.
    case invalid(StaticString)
    /// The named field is well formed, and not served here.
    case unsupported(StaticString)
    /// The named field is longer or more numerous than we take.
    case excessive(StaticString)

    package static func == (left: Self, right: Self) -> Bool {
      switch (left, right) {
      case (.truncated, .truncated): true
      case (.invalid(let one), .invalid(let other)),
        (.unsupported(let one), .unsupported(let other)),
        (.excessive(let one), .excessive(let other)):
        one.description == other.description
      case (.truncated, _), (.invalid, _), (.unsupported, _), (.excessive, _): false
      }
    }
  }

  package let reason: Reason
  /// Where the field begins, in bytes from the start of the packet.
  package let offset: Int

  package init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }
}

extension Malformed: CustomStringConvertible {
  package var description: String {
    switch reason {
    case .truncated: "truncated at byte \(offset)"
    case .invalid(let field): "invalid \(field) at byte \(offset)"
    case .unsupported(let field): "unsupported \(field) at byte \(offset)"
    case .excessive(let field): "excessive \(field) at byte \(offset)"
    }
  }
}
