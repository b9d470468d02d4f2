extension SSHKey {
  /// Why a text is no public key, as a sentence goes on after its place.
  package struct Refusal: Error, Hashable, Sendable {
    package let text: String
  }

  /// Types that OpenSSH takes in `authorized_keys` (sshd(8)), with the number of their fields.
  private static let types: [(name: String, fieldCount: Int)] = [
    ("ssh-ed25519", 2), ("ecdsa-sha2-nistp256", 3), ("ecdsa-sha2-nistp384", 3),
    ("ecdsa-sha2-nistp521", 3), ("ssh-rsa", 3), ("sk-ssh-ed25519@openssh.com", 3),
    ("sk-ecdsa-sha2-nistp256@openssh.com", 4),
  ]
  private static let longest = 8_192

  /// Reads the one line of a public key file: type, base64, comment. Blanks at its ends are left out.
  ///
  /// The octets must name the type that stands before them and hold its fields to their end
  /// (RFC 4253 §6.6), so that a line that was cut or put together wrongly locks nobody out later.
  package static func line(_ text: String) -> Result<String, Refusal> {
    func refuse(_ text: String) -> Result<String, Refusal> { .failure(Refusal(text: text)) }
    if text.contains("PRIVATE KEY") {
      return refuse(
        "this is a private key, which stays with its owner; give the line of its .pub file")
    }
    let line = trimmed(text)
    guard line.utf8.count <= longest else {
      return refuse("longer than \(longest) bytes, the most that a public key has")
    }
    guard !line.unicodeScalars.contains(where: { isControl($0) }) else {
      return refuse("a public key is one line; give each key a name of its own")
    }
    let words = line.split(separator: " ", maxSplits: 2).map(String.init)
    let names = types.map(\.name)
    guard let type = types.first(where: { $0.name == words.first }) else {
      return refuse(
        "a public key begins with its type, one of \(names.joined(separator: ", ")); options before"
          + " it are not taken" + NearestName.question(words.first ?? "", among: names))
    }
    guard words.count > 1, let octets = Base64.octets(words[1]) else {
      return refuse("behind \(type.name) there is no base64, expected AAAA… and a comment")
    }
    guard let fields = SSHFields.all(octets), let first = fields.first else {
      return refuse("the key is cut, or its base64 is of something else")
    }
    let inner = String(decoding: octets[first], as: UTF8.self)
    guard inner == type.name else {
      return refuse("the key says that it is \(Escaped(inner)), and not \(type.name)")
    }
    guard fields.count == type.fieldCount, fields.allSatisfy({ !$0.isEmpty }),
      type.name != "ssh-ed25519" || fields[1].count == 32
    else { return refuse("the key is cut, or its base64 is of something else") }
    return .success(words.joined(separator: " "))
  }

  private static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars.drop { isBlank($0) }.reversed().drop { isBlank($0) }
      .reversed()
    return String(String.UnicodeScalarView(scalars))
  }

  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    [" ", "\t", "\n", "\r"].contains(scalar)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
      || (0x2028...0x2029).contains(scalar.value)
  }
}
