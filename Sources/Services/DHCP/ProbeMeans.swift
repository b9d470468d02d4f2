import Wire

/// How it is asked whether anybody uses an address, and how somebody answers.
package enum ProbeMeans: Hashable, Sendable {
  /// On the interface with this number (RFC 5227 §2.1.1).
  case arp(interface: Int32)
  /// Along the routes.
  case echo(EchoMark)
}
