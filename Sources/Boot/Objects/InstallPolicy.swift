/// That a profile installs a system: its machines boot it only while they are armed.
package struct InstallPolicy: Hashable, Sendable {
  package enum Arm: String, CaseIterable, Hashable, Sendable {
    /// By the operator's word, each time.
    case byOperator = "operator"
    /// By itself, when a machine comes that was never provisioned; after that by the operator.
    case firstContact = "first-contact"
  }

  package var arm: Arm
  /// From arming to the installer's report.
  package var expiry: Duration

  package init(arm: Arm = .byOperator, expiry: Duration = .seconds(7200)) {
    self.arm = arm
    self.expiry = expiry
  }
}
