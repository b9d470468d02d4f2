extension HostKey {
  /// Reads `ssh-ed25519 AAAA… comment`, a line of `/etc/ssh/ssh_host_*_key.pub`.
  ///
  /// nil for what is no key of a kind that hosts have: the octets must name the algorithm that
  /// stands before them, and hold its fields to their end (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709
  /// §4), so that no line of `known_hosts` is made of a stranger's other text.
  package init?(line: some StringProtocol) {
    guard line.utf8.count <= Self.longestLine else { return nil }
    let words = line.split(maxSplits: 2, whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count >= 2, let octets = Base64.octets(words[1]) else { return nil }
    self.init(octets)
    guard algorithm == words[0] else { return nil }
  }

  /// Reads a key as it is within its base64.
  init?(_ octets: [UInt8]) {
    guard let fields = SSHFields.all(octets), let first = fields.first else { return nil }
    let algorithm = String(decoding: octets[first], as: UTF8.self)
    guard let row = Self.rows.first(where: { $0.algorithm == algorithm }),
      fields.count == row.fieldCount, fields.allSatisfy({ !$0.isEmpty })
    else { return nil }
    if algorithm == Self.ed25519, fields[1].count != 32 { return nil }
    self.init(algorithm: algorithm, encoded: Base64.text(octets))
  }

  /// `ssh-ed25519 AAAA…`: what known_hosts has after its names.
  package var line: String { "\(algorithm) \(encoded)" }

  /// The key's octets, of which fingerprints are made; empty for what is no key.
  package var octets: [UInt8] { Base64.octets(encoded) ?? [] }

  /// The number of its algorithm in SSHFP records (RFC 4255 §3.1.1, RFC 6594 §3, RFC 7479 §2);
  /// nil for one that has none.
  package var fingerprintAlgorithm: UInt8? {
    Self.rows.first { $0.algorithm == algorithm }?.number
  }

  package static let ed25519 = "ssh-ed25519"

  /// An RSA key of 16,384 bits with room for a comment.
  private static let longestLine = 4_096

  /// The kinds of host keys: fields of their octets, and their number in SSHFP.
  private static let rows: [(algorithm: String, fieldCount: Int, number: UInt8)] = [
    (ed25519, 2, 4), ("ecdsa-sha2-nistp256", 3, 3), ("ecdsa-sha2-nistp384", 3, 3),
    ("ecdsa-sha2-nistp521", 3, 3), ("ssh-rsa", 3, 1), ("ssh-dss", 5, 2),
  ]
}

/// SSH's strings: each after its length in four octets (RFC 4251 §5).
enum SSHFields {
  /// Where each of them lies; nil when they do not fill the octets exactly.
  static func all(_ octets: [UInt8]) -> [Range<Int>]? {
    var fields: [Range<Int>] = []
    var offset = 0
    while offset < octets.count {
      guard let field = field(octets, at: offset) else { return nil }
      fields.append(field)
      offset = field.upperBound
    }
    return fields
  }

  /// Where the string lies whose length stands at `offset`.
  static func field(_ octets: [UInt8], at offset: Int) -> Range<Int>? {
    guard offset >= 0, octets.count - offset >= 4 else { return nil }
    let count = Int(octets[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    let start = offset + 4
    guard count <= octets.count - start else { return nil }
    return start..<start + count
  }
}
