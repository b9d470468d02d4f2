import Boot
import FoundationEssentials

/// `bootwire loaders install`: iPXE, shim with GRUB, and PXELINUX out of Debian's packages into the
/// loaders folder.
package struct LoaderInstall {
  /// What a person is told on the way, a line at a time.
  private let report: (String) -> Void

  /// The only Debian release to take packages of; nil: the best that can be had.
  private let release: DebianRelease?

  package init(release: DebianRelease? = nil, report: @escaping (String) -> Void) {
    self.release = release
    self.report = report
  }

  /// Every file is checked before the first is placed, and each is placed whole; a file of a
  /// running service is replaced under its feet without harm.
  ///
  /// iPXE must be had. What boots without it is left out, and said, where it cannot be.
  package func run(into folder: String) throws(LoaderFailure) {
    let workspace = try AptWorkspace()
    defer { workspace.remove() }
    let (archive, ipxe) = try DebianPackages(workspace, release, report: report).best()
    report("iPXE \(ipxe.version), verified by apt.")
    var placing = LoaderPlacing(folder, origin: "Debian package ipxe", version: ipxe.version)
    let count = try add(ipxe, to: &placing)
    guard count > 0 else {
      throw LoaderFailure("iPXE \(ipxe.version) holds no file that we know")
    }
    for (use, files) in PackagedFile.groups {
      // A group is whole or not at all.
      var whole = placing
      do throws(LoaderFailure) {
        for file in files { try add(file, from: archive, to: &whole) }
        placing = whole
      } catch {
        report("\(use) is left out: \(error).")
      }
    }
    try placing.finish().forEach(report)
  }

  private func add(
    _ ipxe: AptWorkspace.Unpacked, to placing: inout LoaderPlacing
  ) throws(LoaderFailure) -> Int {
    var count = 0
    for row in LoaderRow.all where row.set != .signed {
      // The package has its files below /usr/lib/ipxe, and what GRUB can chain in /boot.
      for place in ["usr/lib/ipxe", "boot"] {
        let path = "\(ipxe.folder)/\(place)/\(row.file)"
        guard
          (try? FileManager.default.attributesOfItem(atPath: path))?[.type]
            as? FileAttributeType == .typeRegular
        else { continue }
        try placing.add(path, row)
        count += 1
        break
      }
    }
    return count
  }

  private func add(
    _ file: PackagedFile, from archive: DebianPackages.Archive, to placing: inout LoaderPlacing
  ) throws(LoaderFailure) {
    let (folder, version) = try archive.unpack(file.package)
    let path = "\(folder)/\(file.path)"
    placing.turn(to: "Debian package \(file.package)", version: version)
    if let row = LoaderRow.all.first(where: { $0.set == .signed && $0.file == file.file }) {
      try placing.add(path, row)
    } else if let companion = LoaderCompanion.all.first(where: { $0.file == file.file }) {
      try placing.add(path, companion)
    }
  }
}
