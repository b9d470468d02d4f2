/// Option 53 (RFC 2132 §9.6): what a DHCP message is for.
package enum DHCPMessageType: UInt8, Sendable {
  case discover = 1
  case offer = 2
  case request = 3
  case decline = 4
  case ack = 5
  case nak = 6
  case release = 7
  case inform = 8
}
