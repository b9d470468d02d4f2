import Boot
import FoundationEssentials

/// `bootwire loaders install`: iPXE out of Debian's package into the loaders folder.
package struct LoaderInstall {
  /// What a person is told on the way, a line at a time.
  private let report: (String) -> Void

  package init(report: @escaping (String) -> Void) { self.report = report }

  /// Every file is checked before the first is placed, and each is placed whole; a file of a
  /// running service is replaced under its feet without harm.
  package func run(into folder: String) throws(LoaderFailure) {
    let workspace = try AptWorkspace()
    defer { workspace.remove() }
    let (root, version) = try DebianPackages(workspace, report: report).ipxe()
    let origin = "Debian package ipxe"
    report("iPXE \(version), verified by apt.")
    var placing = LoaderPlacing(folder, origin: origin, version: version)
    for row in LoaderRow.all where row.set != .signed {
      // The package has its files below /usr/lib/ipxe, and what GRUB can chain in /boot.
      for place in ["usr/lib/ipxe", "boot"] {
        let path = "\(root)/\(place)/\(row.file)"
        guard
          (try? FileManager.default.attributesOfItem(atPath: path))?[.type]
            as? FileAttributeType == .typeRegular
        else { continue }
        try placing.add(path, row)
        break
      }
    }
    let lines = try placing.finish()
    guard !lines.isEmpty else { throw LoaderFailure("iPXE \(version) holds no file that we know") }
    lines.forEach(report)
  }
}
