import Network

/// The tokens in force. What is durable is somebody else's business.
struct TokenBook {
  private var tokens: [AccessToken] = []

  /// The most that there can be.
  static let limit = 1_000

  init(_ tokens: [AccessToken] = []) { self.tokens = tokens }

  /// All, those too that have expired, in the order of their making.
  var all: [AccessToken] { tokens }

  subscript(id: String) -> AccessToken? { tokens.first { $0.id == id } }

  mutating func add(_ token: AccessToken) { tokens.append(token) }

  mutating func remove(_ id: String) { tokens.removeAll { $0.id == id } }

  /// The token with this text, if it is in force now.
  ///
  /// All are looked at, whichever it is, so that the time tells nothing.
  func token(_ text: [UInt8], at now: UnixTime) -> AccessToken? {
    guard let digest = AccessToken.digest(of: text) else { return nil }
    var found: AccessToken?
    for token in tokens where token.has(digest) { found = token }
    guard let found, found.isInForce(at: now) else { return nil }
    return found
  }

  /// Notes that the token was used; gives it when that is worth keeping, once an hour at most.
  mutating func use(_ id: String, at now: UnixTime) -> AccessToken? {
    guard let index = tokens.firstIndex(where: { $0.id == id }) else { return nil }
    let last = tokens[index].lastUsed?.seconds ?? 0
    guard now.seconds - last >= 3600 || now.seconds < last else { return nil }
    tokens[index].lastUsed = now
    return tokens[index]
  }
}
