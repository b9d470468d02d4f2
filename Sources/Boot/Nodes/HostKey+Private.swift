extension HostKey {
  /// The public half of a private key in OpenSSH's own form, which has it in the clear (openssh's
  /// PROTOCOL.key §1): so an operator's secret says by itself which key its machine will show.
  package init?(privateKey text: String) {
    let lines = text.split(whereSeparator: \.isNewline)
      .map { $0.filter { $0 != " " && $0 != "\t" } }
    guard let begin = lines.firstIndex(of: Self.opening),
      let end = lines.firstIndex(of: Self.closing), begin < end, text.utf8.count <= 1 << 16,
      let octets = Base64.octets(lines[(begin + 1)..<end].joined()),
      octets.starts(with: Self.magic)
    else { return nil }
    // Cipher, key derivation and its options.
    var offset = Self.magic.count
    for _ in 0..<3 {
      guard let field = SSHFields.field(octets, at: offset) else { return nil }
      offset = field.upperBound
    }
    // One key in the file; no more were ever written.
    guard octets.dropFirst(offset).prefix(4).elementsEqual([0, 0, 0, 1]),
      let key = SSHFields.field(octets, at: offset + 4)
    else { return nil }
    self.init(Array(octets[key]))
  }

  // As they are without their blanks.
  private static let opening = "-----BEGINOPENSSHPRIVATEKEY-----"
  private static let closing = "-----ENDOPENSSHPRIVATEKEY-----"
  private static let magic = Array("openssh-key-v1\0".utf8)

  /// What answers and hooks call the secret of a machine that is to be its host key.
  package static let secretName = "ssh-host-ed25519-key"
}

extension Catalog {
  /// The key that the machine will show, when the operator or this box made it: the public half of
  /// its own secret.
  package func expectedHostKey(of machine: String) -> HostKey? {
    secrets.lazy
      .filter { $0.machine == machine && $0.variable == HostKey.secretName }
      .compactMap { HostKey(privateKey: $0.value.revealed) }.first
  }
}
