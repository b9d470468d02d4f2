/// What is in a file that should hold one public SSH key.
enum PublicKeyText {
  static let privateKeySentence =
    "this is a private key, and private keys never leave their owner: give the public one, as a rule"
    + " the file that ends with .pub"

  /// PEM in any of its forms, PuTTY's, and age's.
  static func isPrivate(_ text: String) -> Bool {
    text.contains("PRIVATE KEY") || text.contains("PuTTY-User-Key-File")
      || text.contains("AGE-SECRET-KEY-")
  }

  /// The one line of `authorized_keys` in it.
  static func read(_ text: String, named file: String) throws(Refusal) -> String {
    guard !isPrivate(text) else { throw Refusal("\(file): \(privateKeySentence)") }
    let lines = text.split(whereSeparator: \.isNewline)
      .map { $0.drop(while: \.isWhitespace) }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard let line = lines.first else { throw Refusal("\(file) holds no key") }
    guard lines.count == 1 else {
      throw Refusal(
        "\(file) holds \(lines.count) keys, and each needs a name of its own: add them one by one")
    }
    guard looksLikeKey(line) else {
      throw Refusal(
        "\(file) holds no public key as \"ssh-ed25519 AAAA… comment\", one line as ssh-keygen"
          + " writes it")
    }
    return String(line.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// A type and its base64, which begins with the length of the type. The appliance looks closer.
  private static func looksLikeKey(_ line: Substring) -> Bool {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count >= 2 else { return false }
    return words[1].hasPrefix("AAAA") && words[0].utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
  }
}
