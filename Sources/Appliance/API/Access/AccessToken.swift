import Digest
import Network

/// A permission to use the API that was given to somebody; the token itself is not kept.
package struct AccessToken: Hashable, Sendable {
  /// How it is named where it is revoked: 16 hexadecimal digits.
  package var id: String
  package var name: String
  package var role: Role
  /// The only site that it is for; nil: all.
  package var site: String?
  /// SHA-256 of the token's text.
  package var digest: [UInt8]
  package var created: UnixTime
  package var expires: UnixTime?
  /// To the hour or so; nil: never.
  package var lastUsed: UnixTime?

  package init(
    id: String, name: String, role: Role, site: String? = nil, digest: [UInt8], created: UnixTime,
    expires: UnixTime? = nil, lastUsed: UnixTime? = nil
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.site = site
    self.digest = digest
    self.created = created
    self.expires = expires
    self.lastUsed = lastUsed
  }

  /// The text of a new token: 256 random bits.
  ///
  /// - Parameter dice: Gives 64 bits at each call that nobody can guess.
  static func text(dice: () -> UInt64) -> String {
    "bw_" + (0..<4).map { _ in digits(dice()) }.joined()
  }

  static func id(dice: () -> UInt64) -> String { digits(dice()) }

  /// What is kept of a token's text; nil when it cannot be one.
  static func digest(of text: [UInt8]) -> [UInt8]? {
    guard text.count == 67, text.starts(with: Array("bw_".utf8)) else { return nil }
    return SHA256(of: text)?.octets
  }

  /// Whether `digest` is its own, in the same time whatever the answer is.
  func has(_ digest: [UInt8]) -> Bool {
    guard digest.count == self.digest.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(digest, self.digest) { difference |= one ^ other }
    return difference == 0
  }

  func isInForce(at time: UnixTime) -> Bool { expires.map { $0.seconds > time.seconds } ?? true }

  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }
}
