/// A stranger's text made safe to print: no control characters, no invisible or direction-changing
/// ones, quoted where a space or sign would split a log line.
package struct Escaped: CustomStringConvertible, Sendable {
  package let description: String

  package init(_ text: String) {
    var safe = ""
    var needsQuotes = text.isEmpty
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        safe += "\\"
        safe.unicodeScalars.append(scalar)
        needsQuotes = true
      case "\n": safe += "\\n"
      case "\r": safe += "\\r"
      case "\t": safe += "\\t"
      case " ", "=":
        safe.unicodeScalars.append(scalar)
        needsQuotes = true
      default:
        if Self.isPrintable(scalar) {
          safe.unicodeScalars.append(scalar)
        } else {
          safe += "\\u{\(String(scalar.value, radix: 16))}"
        }
      }
    }
    description = needsQuotes ? "\"\(safe)\"" : safe
  }

  /// Bytes that should be text: what is no UTF-8 shows as a replacement character.
  package init(_ octets: [UInt8]) { self.init(String(decoding: octets, as: UTF8.self)) }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      false
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber,
      .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol,
      .modifierSymbol, .otherSymbol:
      true
    @unknown default: false
    }
  }
}
