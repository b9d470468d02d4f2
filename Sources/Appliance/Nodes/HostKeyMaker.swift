import Boot
import TLS

/// Makes the host key that a machine is to show after its next installation, so that it is known
/// before the machine first answers, and stays when it is installed again.
///
/// Made in this process, not by ssh-keygen: the private half is in no file, no other process has
/// it, and the appliance starts no programs.
package enum HostKeyMaker {
  package struct Pair: Sendable {
    /// A private key file of OpenSSH, not encrypted: sshd starts without anybody at hand.
    package let privateKey: Secret.Text
    package let publicKey: HostKey
  }

  /// - Parameter comment: What stands behind the key in its file: the machine's name.
  package static func make(comment: String) throws(TLSFailure) -> Pair {
    let pair = try Ed25519Pair()
    let publicOctets = field(HostKey.ed25519) + field(pair.publicKey)
    let publicKey = HostKey(algorithm: HostKey.ed25519, encoded: Base64.text(publicOctets))
    // The same number twice tells who decrypts a file that the passphrase was right.
    var dice = SystemRandomNumberGenerator()
    let check = octets(of: UInt32.random(in: .min ... .max, using: &dice))
    var secret =
      check + check + publicOctets + field(pair.seed + pair.publicKey) + field(comment)
    var padding: UInt8 = 1
    while !secret.count.isMultiple(of: blockSize) {
      secret.append(padding)
      padding += 1
    }
    let file =
      Array("openssh-key-v1\0".utf8) + field("none") + field("none") + field("")
      + octets(of: 1) + field(publicOctets) + field(secret)
    return Pair(privateKey: Secret.Text(armoured(file)), publicKey: publicKey)
  }

  /// That of a cipher that is none (openssh's PROTOCOL.key §3).
  private static let blockSize = 8
  /// As ssh-keygen breaks lines.
  private static let lineLength = 70

  private static func armoured(_ octets: [UInt8]) -> String {
    var lines = ["-----BEGIN OPENSSH PRIVATE KEY-----"]
    var rest = Base64.text(octets)[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(lineLength)))
      rest = rest.dropFirst(lineLength)
    }
    lines.append("-----END OPENSSH PRIVATE KEY-----")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func field(_ text: String) -> [UInt8] { field(Array(text.utf8)) }

  private static func field(_ octets: [UInt8]) -> [UInt8] {
    self.octets(of: UInt32(octets.count)) + octets
  }

  private static func octets(of number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(24 - 8 * $0)) }
  }
}
