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
      row.isKey(fields.dropFirst().map { octets[$0] })
    else { return nil }
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

  /// The kinds of host keys, with their number in SSHFP.
  private static let rows = [
    Row(algorithm: ed25519, number: 4, shape: .octets(32)),
    Row(algorithm: "ecdsa-sha2-nistp256", number: 3, shape: .point("nistp256", octetCount: 32)),
    Row(algorithm: "ecdsa-sha2-nistp384", number: 3, shape: .point("nistp384", octetCount: 48)),
    Row(algorithm: "ecdsa-sha2-nistp521", number: 3, shape: .point("nistp521", octetCount: 66)),
    Row(algorithm: "ssh-rsa", number: 1, shape: .numbers(2)),
    Row(algorithm: "ssh-dss", number: 2, shape: .numbers(4)),
  ]

  private struct Row {
    let algorithm: String
    let number: UInt8
    let shape: Shape

    enum Shape {
      case octets(Int)
      /// The name of a curve and an uncompressed point of it (RFC 5656 §3.1).
      case point(String, octetCount: Int)
      /// Numbers of which one at least has 1,024 bits: what has fewer is no key any more.
      case numbers(Int)
    }

    /// Whether these fields follow its name.
    func isKey(_ fields: [ArraySlice<UInt8>]) -> Bool {
      switch shape {
      case .octets(let count): fields.map(\.count) == [count]
      case .point(let curve, let count):
        fields.count == 2 && fields[0].elementsEqual(curve.utf8)
          && fields[1].count == 1 + 2 * count && fields[1].first == 4
      case .numbers(let count):
        fields.count == count && fields.allSatisfy { !$0.isEmpty }
          && fields.contains { $0.count >= 128 }
      }
    }
  }
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
