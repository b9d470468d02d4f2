import Network

/// What happened on a virtual link: the transcript's raw material, and all that a checker may see.
package enum LinkEvent: Hashable, Sendable {
  case requested(client: Int, ClientRequest)
  case done(server: Int, Outcome)
  /// A client has booted or given up.
  case settled(client: Int, BootProgress)
}
