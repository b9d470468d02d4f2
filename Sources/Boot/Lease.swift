import Network

/// Whose lease it is.
///
/// The hardware address, although RFC 2131 §4.2 would take the client identifier first: firmware,
/// iPXE and the installed system of one machine each send another identifier, and must keep one
/// address all the same.
package enum ClientIdentity: Hashable, Sendable {
  case hardware(MACAddress)
  /// Option 61, for hardware whose address does not fit (InfiniBand, RFC 4390).
  case identifier([UInt8])

  package var macAddress: MACAddress? {
    switch self {
    case .hardware(let address): address
    case .identifier: nil
    }
  }
}

/// An address granted to a client, as it is kept on disk.
package struct Lease: Hashable, Sendable {
  package var address: IPv4Address
  package var client: ClientIdentity
  /// When it ends.
  package var expiry: Instant
  /// Option 12 as the client sent it: raw bytes of a stranger.
  package var hostName: [UInt8]

  package init(
    address: IPv4Address, client: ClientIdentity, expiry: Instant, hostName: [UInt8] = []
  ) {
    self.address = address
    self.client = client
    self.expiry = expiry
    self.hostName = hostName
  }
}
