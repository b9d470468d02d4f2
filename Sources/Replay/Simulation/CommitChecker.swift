import Boot
import Network

/// No ACK leaves before its lease is durable (RFC 2131 §3.1, invariant 1).
struct CommitChecker: Sendable {
  private var durable: [IPv4Address: Lease] = [:]

  /// A lease counts from the REQUEST, and its ACK waits for the commit under way and its own.
  private static let patience = VirtualDisk.longestCommit * 3

  mutating func stored(_ lease: Lease) { durable[lease.address] = lease }

  mutating func erased(_ address: IPv4Address) { durable[address] = nil }

  mutating func sent(
    _ reply: DHCPGlimpse, at time: Instant, into complaints: inout Complaints
  ) {
    guard reply.type == DHCPGlimpse.ack, reply.yourAddress != .unspecified,
      let seconds = reply.leaseSeconds
    else { return }
    let end = time + .seconds(Int64(seconds))
    if let lease = durable[reply.yourAddress], lease.client == .hardware(reply.machine),
      lease.expiry + Self.patience >= end
    {
      return
    }
    complaints.add(
      .commit, at: time, "\(reply.yourAddress) is granted to \(reply.machine), and not stored")
  }
}
