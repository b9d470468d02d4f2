import Network

/// What an address is to its client: held for an OFFER, leased, or set aside.
package struct Binding: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    /// Offered, not yet requested.
    case held
    /// Granted.
    case leased
    /// Found in use by somebody else (DECLINE); nobody gets it.
    case quarantined
    /// Answered for by somebody to whom we gave no lease; nobody else gets it.
    case occupied
  }

  package var client: ClientIdentity
  package var state: State
  /// After it the address is free, and remembered for its client as long as nobody else needs it.
  package var expiry: Instant
  /// Option 12 as the client sent it.
  package var hostName: [UInt8]

  package func isActive(at now: Instant) -> Bool { expiry > now }
}
