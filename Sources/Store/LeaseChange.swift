import Boot
import Network

/// One change of the leases on disk; a batch of them is one transaction.
package enum LeaseChange: Hashable, Sendable {
  /// Keep it, in place of what was kept for its address.
  case put(Lease)
  case erase(IPv4Address)
}
