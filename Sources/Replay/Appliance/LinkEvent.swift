import Network
import Services

/// What happened on a virtual link: the transcript's raw material, and all that a checker may see.
package enum LinkEvent: Hashable, Sendable {
  case requested(client: Int, ClientRequest)
  /// A datagram has reached a server; what it leads to follows as `done`.
  case arrived(server: Int, Arrival, [UInt8])
  /// What follows as `done` is due by the clock, and answers nothing that arrived.
  case due(server: Int)
  case done(server: Int, Outcome)
  /// A whole response has reached a client.
  case responded(client: Int, connection: Int, ClientResponse)
  /// A client has taken an address, or given up the one that it had.
  case addressed(client: Int, IPv4Address?)
  /// A client has booted or given up.
  case settled(client: Int, BootProgress)
  /// A server's power is gone, with all that it had in memory.
  case stopped(server: Int)
  /// It is back, with what its store held.
  case started(server: Int)
  case counted(server: Int, ApplianceCounts)
}
