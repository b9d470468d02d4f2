/// What every language of menus needs of a text.
enum BootText {
  /// The text on one line: control characters become blanks.
  static func line(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      line.append(isControl(scalar) ? " " : scalar)
    }
    return String(line)
  }

  /// The text as a person reads it on any firmware's screen, harmless in each of the languages:
  /// ASCII without quotes, `$`, `\` and `;`.
  static func screen(_ text: String) -> String {
    var screen = String.UnicodeScalarView()
    for scalar in line(text).unicodeScalars {
      let keeps = scalar.isASCII && !"'\"`$\\;".unicodeScalars.contains(scalar)
      screen.append(keeps ? scalar : "_")
    }
    return String(screen)
  }

  /// Whether PXELINUX and U-Boot take it as one name: they have no quotes, PXELINUX puts commas
  /// between the names of RAM disks, and U-Boot a colon behind a server.
  static func isPlainName(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { octet in
        switch octet {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case _: "-._~/:@+=%?&".utf8.contains(octet)
        }
      }
  }

  /// The words of a kernel's command line: blanks part them unless they are within double quotes,
  /// which are no part of a word (Linux, `lib/cmdline.c`).
  static func words(_ arguments: String) -> [String] {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    var isQuoted = false
    var isBegun = false
    for scalar in line(arguments).unicodeScalars {
      if scalar == "\"" {
        isQuoted.toggle()
        isBegun = true
      } else if scalar == " ", !isQuoted {
        if isBegun { words.append(String(word)) }
        word.removeAll()
        isBegun = false
      } else {
        word.append(scalar)
        isBegun = true
      }
    }
    if isBegun { words.append(String(word)) }
    return words
  }

  /// C0, DEL, C1 and the line separators.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar.value == 0x2028
      || scalar.value == 0x2029
  }
}
