/// What the reply to an ICMP echo request repeats of it (RFC 792).
package struct EchoMark: Hashable, Sendable {
  package var identifier: UInt16
  package var sequence: UInt16

  package init(identifier: UInt16, sequence: UInt16) {
    self.identifier = identifier
    self.sequence = sequence
  }
}
