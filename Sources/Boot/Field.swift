import Network

/// One named part of an event, for log, timeline and JSON alike.
package struct Field: Hashable, Sendable {
  package enum Value: Hashable, Sendable {
    case text(String)
    case number(Int64)
    /// Printed in milliseconds.
    case duration(Duration)
  }

  package let name: String
  package let value: Value

  package init(_ name: String, _ text: String) {
    self.name = name
    value = .text(text)
  }

  package init(_ name: String, _ number: some BinaryInteger) {
    self.name = name
    value = .number(Int64(clamping: number))
  }

  package init(_ name: String, _ duration: Duration) {
    self.name = name
    value = .duration(duration)
  }

  /// The value for a person: strangers' text is escaped, so that it starts no new line or field.
  package var printed: String {
    switch value {
    case .text(let text): Escaped(text).description
    case .number(let number): String(number)
    case .duration(let duration): Self.milliseconds(duration)
    }
  }

  /// As `12.3ms`.
  private static func milliseconds(_ duration: Duration) -> String {
    let tenths = duration.nanoseconds / 100_000
    return "\(tenths / 10).\(abs(tenths % 10))ms"
  }
}
