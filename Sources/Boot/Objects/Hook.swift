/// A script of the operator's that an installation runs, in POSIX shell.
package struct Hook: Sendable {
  package enum When: String, CaseIterable, Hashable, Sendable {
    /// In the installer, before it touches a disk.
    case preInstall = "pre-install"
    /// In the installer, on the system that it has written.
    case postInstall = "post-install"
    /// On the new system, once.
    case firstBoot = "first-boot"
  }

  package var name: String
  /// nil: for the machines of all sites.
  package var site: String?
  package var labels: [String: String]
  package var when: When
  package var template: Template

  package init(
    name: String, site: String? = nil, labels: [String: String] = [:], when: When,
    template: Template
  ) {
    self.name = name
    self.site = site
    self.labels = labels
    self.when = when
    self.template = template
  }
}
