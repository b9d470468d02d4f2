import Network

/// What is asked, as answers of other servers are kept by. The class is always the Internet's.
struct DNSQuestion: Hashable, Sendable {
  var name = DomainName()
  var type: UInt16 = 0
  /// DO and CD, which change the answer.
  var wantsSecurity = false
  var isCheckingDisabled = false
}
