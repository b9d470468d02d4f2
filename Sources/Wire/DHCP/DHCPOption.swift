/// Option codes by their names in RFC 2132 and its successors.
package enum DHCPOption {
  package static let pad: UInt8 = 0
  package static let subnetMask: UInt8 = 1
  package static let router: UInt8 = 3
  package static let domainNameServer: UInt8 = 6
  package static let hostName: UInt8 = 12
  package static let domainName: UInt8 = 15
  package static let broadcastAddress: UInt8 = 28
  /// PXE sub-options, where the vendor class says PXEClient (PXE 2.1 §2.2.2).
  package static let vendorSpecific: UInt8 = 43
  package static let requestedAddress: UInt8 = 50
  package static let leaseTime: UInt8 = 51
  package static let overload: UInt8 = 52
  package static let messageType: UInt8 = 53
  package static let serverIdentifier: UInt8 = 54
  package static let parameterRequestList: UInt8 = 55
  package static let message: UInt8 = 56
  package static let maximumMessageSize: UInt8 = 57
  package static let renewalTime: UInt8 = 58
  package static let rebindingTime: UInt8 = 59
  package static let vendorClass: UInt8 = 60
  package static let clientIdentifier: UInt8 = 61
  package static let tftpServerName: UInt8 = 66
  package static let bootFileName: UInt8 = 67
  package static let userClass: UInt8 = 77
  /// What the relay says of the port that the client hangs on (RFC 3046).
  package static let relayAgentInformation: UInt8 = 82
  /// RFC 4578 §2.1.
  package static let clientArchitecture: UInt8 = 93
  /// RFC 4578 §2.2.
  package static let networkInterface: UInt8 = 94
  /// RFC 4578 §2.3.
  package static let clientUUID: UInt8 = 97
  /// RFC 3011.
  package static let subnetSelection: UInt8 = 118
  /// iPXE's encapsulated options.
  package static let ipxe: UInt8 = 175
  package static let end: UInt8 = 255
}
