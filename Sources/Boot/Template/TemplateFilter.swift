/// Quotes a text so that in its target it is one harmless word or value, whatever it holds.
///
/// Filters are written after the variable, `{{machine.serial | shell | preseed}}`, and applied
/// from left to right.
package enum TemplateFilter: String, CaseIterable, Hashable, Sendable {
  /// One word of an iPXE command. iPXE has no quotes: it expands `${…}`, splits at blanks, and
  /// knows `||`, `&&`, `;` and `#`; so all but plain characters are percent-encoded, and a dash in
  /// front too, which would begin an option.
  case ipxe
  /// One POSIX shell word, in single quotes; write no quotes around it. NUL cannot be in a word.
  case shell
  /// A YAML or JSON string in double quotes, so that `no` and `1e3` stay texts.
  case yaml
  /// One word of a kickstart command, in double quotes as Python's shlex reads them. Commands
  /// end with their line, so line ends become blanks.
  case kickstart
  /// The rest of a preseed line: line ends become blanks, and no backslash at the end joins the
  /// next line to it.
  case preseed
  /// A part of a URL's path or query: all but RFC 3986's unreserved characters are encoded.
  case url

  package func quote(_ text: String) -> String {
    switch self {
    case .ipxe: Self.ipxeWord(text)
    case .shell: Self.shellQuoted(text)
    case .yaml: Self.yamlQuoted(text)
    case .kickstart: Self.kickstartQuoted(text)
    case .preseed: Self.preseedLine(text)
    case .url: Self.percentEncoded(text, keeping: Self.isUnreserved)
    }
  }

  /// What a client's own text becomes without a filter: harmless in every target we know. At its
  /// ends fewer signs are: `-` begins an option, `~` a home folder and `@` nothing in YAML, where a
  /// colon at the end makes a key.
  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    let count = text.unicodeScalars.count
    for (index, scalar) in text.unicodeScalars.enumerated() {
      let keeps =
        scalar.isASCII
        && (isUnreserved(UInt8(scalar.value)) || ":@+".unicodeScalars.contains(scalar))
      let isSignAtEnd =
        index == 0 && "-~@:".unicodeScalars.contains(scalar) || index == count - 1 && scalar == ":"
      plain.append(keeps && !isSignAtEnd ? scalar : "_")
    }
    return String(plain)
  }

  private static func ipxeWord(_ text: String) -> String {
    let word = percentEncoded(text, keeping: isPlainInIPXE)
    return word.hasPrefix("-") ? "%2D" + word.dropFirst() : word
  }

  private static func isUnreserved(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func isPlainInIPXE(_ octet: UInt8) -> Bool {
    isUnreserved(octet) || "/:@+,=?".utf8.contains(octet)
  }

  private static func percentEncoded(_ text: String, keeping keeps: (UInt8) -> Bool) -> String {
    var encoded = ""
    for octet in text.utf8 {
      if keeps(octet) {
        encoded.unicodeScalars.append(Unicode.Scalar(octet))
      } else {
        encoded += octet < 16 ? "%0" : "%"
        encoded += String(octet, radix: 16, uppercase: true)
      }
    }
    return encoded
  }

  private static func shellQuoted(_ text: String) -> String {
    var quoted = "'"
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": quoted += "'\\''"
      case "\n", "\t": quoted.unicodeScalars.append(scalar)
      default: if !isControl(scalar) { quoted.unicodeScalars.append(scalar) }
      }
    }
    return quoted + "'"
  }

  private static func yamlQuoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      default:
        // Line separators, byte order marks, text direction marks and what YAML 1.2 §5.1 takes for
        // unprintable are written out too. Above U+FFFF all is printable, and JSON has no such escape.
        let isWritten =
          isControl(scalar) || scalar.properties.generalCategory == .format
          || [0x2028, 0x2029, 0xfffe, 0xffff].contains(scalar.value)
        if isWritten, scalar.value <= 0xffff {
          quoted += "\\u" + hexadecimal(scalar.value, digits: 4)
        } else {
          quoted.unicodeScalars.append(scalar)
        }
      }
    }
    return quoted + "\""
  }

  private static func kickstartQuoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      default: quoted.unicodeScalars.append(endsLine(scalar) ? " " : scalar)
      }
    }
    return quoted + "\""
  }

  private static func preseedLine(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { line.append(endsLine(scalar) ? " " : scalar) }
    var tail = line.endIndex
    while tail > line.startIndex, " \\".unicodeScalars.contains(line[line.index(before: tail)]) {
      tail = line.index(before: tail)
    }
    let blank = line[tail...].map { $0 == "\\" ? Unicode.Scalar("_") : $0 }
    line.replaceSubrange(tail..., with: blank)
    return String(line)
  }

  /// Controls, and what Python's `splitlines` takes for a line end.
  private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    isControl(scalar) || scalar.value == 0x2028 || scalar.value == 0x2029
  }

  /// C0, DEL and C1.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
