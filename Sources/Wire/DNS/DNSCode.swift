/// Record types (IANA), those that anything here treats by itself.
package enum DNSType {
  package static let a: UInt16 = 1
  package static let ns: UInt16 = 2
  package static let cname: UInt16 = 5
  package static let soa: UInt16 = 6
  package static let ptr: UInt16 = 12
  package static let mx: UInt16 = 15
  package static let txt: UInt16 = 16
  package static let aaaa: UInt16 = 28
  package static let srv: UInt16 = 33
  package static let opt: UInt16 = 41
  package static let ds: UInt16 = 43
  package static let sshfp: UInt16 = 44
  package static let tkey: UInt16 = 249
  package static let tsig: UInt16 = 250
  package static let ixfr: UInt16 = 251
  package static let axfr: UInt16 = 252
  package static let mailb: UInt16 = 253
  package static let maila: UInt16 = 254
  package static let any: UInt16 = 255
}

package enum DNSClass {
  package static let internet: UInt16 = 1
}

package enum DNSOpcode {
  package static let query: UInt8 = 0
  package static let notify: UInt8 = 4
  package static let update: UInt8 = 5
}

/// RCODE (RFC 1035 §4.1.1); those above 15 need EDNS.
package enum DNSResponseCode: UInt16, Sendable {
  case noError = 0
  case formatError = 1
  case serverFailure = 2
  case noSuchName = 3
  case notImplemented = 4
  case refused = 5
  /// RFC 6891 §6.1.3: an EDNS version that we do not speak.
  case badVersion = 16
}
