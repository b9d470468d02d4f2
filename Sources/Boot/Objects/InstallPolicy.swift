/// That a profile installs a system: its machines boot it only while they are armed.
package struct InstallPolicy: Hashable, Sendable {
  package enum Arm: String, CaseIterable, Hashable, Sendable {
    /// By the operator's word, each time.
    case byOperator = "operator"
    /// By itself, when a machine comes that was never provisioned; after that by the operator.
    case firstContact = "first-contact"
  }

  /// Who says that the system is installed.
  package enum Report: String, CaseIterable, Hashable, Sendable {
    /// The installer, before it ends: a network boot before that is a failed installation.
    case installer
    /// The installed system, at its first boot from its disk: Talos runs nothing of ours before. A
    /// network boot on the way there goes to the disk.
    case firstBoot = "first-boot"
  }

  package var arm: Arm
  package var report: Report
  /// From arming to the report.
  package var expiry: Duration

  package init(
    arm: Arm = .byOperator, report: Report = .installer, expiry: Duration = .seconds(7200)
  ) {
    self.arm = arm
    self.report = report
    self.expiry = expiry
  }
}
