import FoundationEssentials

/// Where this machine gets Debian's packages, and how it can get those of another release.
struct DebianPackages {
  let release: DebianRelease?
  let sources: [AptSource]
  let workspace: AptWorkspace
  private let asked: DebianRelease?
  let report: (String) -> Void

  private static let keyring = "debian-archive-keyring"
  private static let keyringFolder = "/usr/share/keyrings"

  /// - Parameter asked: The only release to take packages of; nil: the best that can be had.
  init(
    _ workspace: AptWorkspace, _ asked: DebianRelease? = nil, report: @escaping (String) -> Void
  ) {
    self.workspace = workspace
    self.asked = asked
    self.report = report
    release = DebianRelease(osRelease: Self.text("/etc/os-release"))
    sources = Self.machineSources()
  }

  /// Lists of packages, fetched and verified: what `unpack` then downloads from.
  struct Archive {
    fileprivate let workspace: AptWorkspace
    fileprivate let place: String

    func unpack(_ package: String) throws(LoaderFailure) -> AptWorkspace.Unpacked {
      try workspace.unpack(package, in: place)
    }
  }

  /// The archive of the best release that can be had, proved by its `ipxe`.
  ///
  /// - Returns: iPXE's package too, as it is unpacked on the way.
  func best() throws(LoaderFailure) -> (Archive, ipxe: AptWorkspace.Unpacked) {
    if let asked { return try archive(of: asked) }
    guard let release else {
      report("This is not a Debian that we know; packages come from its own sources.")
      return try archive("own", sources)
    }
    guard release.best != release else { return try archive("own", own(release)) }
    do throws(LoaderFailure) {
      return try next(release.best, from: release)
    } catch {
      report("Debian \(release.best.rawValue) cannot be had: \(error).")
      report("\(release.rawValue)'s packages are taken: no iPXE for arm64, and GRUB without HTTP.")
      return try archive("own", own(release))
    }
  }

  /// That of a release which an operator named: that one or none.
  private func archive(
    of asked: DebianRelease
  ) throws(LoaderFailure) -> (Archive, ipxe: AptWorkspace.Unpacked) {
    guard let release else {
      throw LoaderFailure(
        "this is not a Debian that we know, so it is not known where its"
          + " release \(asked.rawValue) comes from")
    }
    if asked == release { return try archive("own", own(release)) }
    return try next(asked, from: release)
  }

  private func archive(
    _ place: String, _ sources: [AptSource]
  ) throws(LoaderFailure) -> (Archive, ipxe: AptWorkspace.Unpacked) {
    try workspace.prepare(place, sources, architectures: Self.architectures)
    return (
      Archive(workspace: workspace, place: place), try workspace.unpack("ipxe", in: place)
    )
  }

  /// Of the machines that boot, whatever this one is.
  private static let architectures = ["amd64", "arm64"]

  /// By the keyring that this machine has; a new release's keys may be missing from it, and then
  /// are in the keyring package of the machine's own release, which the old keys verify.
  private func next(
    _ next: DebianRelease, from release: DebianRelease
  ) throws(LoaderFailure) -> (Archive, ipxe: AptWorkspace.Unpacked) {
    let entries = own(release).filter { $0.isDebian(release) }
    guard !entries.isEmpty else {
      throw LoaderFailure("no entry of apt's sources is Debian's archive for \(release.rawValue)")
    }
    do throws(LoaderFailure) {
      let here = Self.keyring(in: Self.keyringFolder)
      return try archive("next", entries.map { $0.entry(for: next, keyring: here) })
    } catch {
      report("Not verified by this machine's keyring (\(error)); its update is tried.")
    }
    let (folder, version) = try workspace.unpack(
      Self.keyring, from: own(release), as: "keyring")
    guard let keyring = Self.keyring(in: folder + Self.keyringFolder) else {
      throw LoaderFailure("\(Self.keyring) \(version) holds no keyring")
    }
    report("\(Self.keyring) \(version), verified by this machine's keyring, is used.")
    return try archive("next-verified", entries.map { $0.entry(for: next, keyring: keyring) })
  }

  /// The machine's entries for its own release, with updates and security fixes.
  private func own(_ release: DebianRelease) -> [AptSource] {
    sources.filter { source in
      guard source.components.contains("main") else { return false }
      if let signedBy = source.signedBy, !signedBy.contains("debian-archive") { return false }
      return source.suites.contains {
        $0 == release.rawValue || $0.hasPrefix("\(release.rawValue)-")
          || $0.hasPrefix("\(release.rawValue)/") || $0 == "stable" || $0 == "oldstable"
      }
    }
  }

  private static func keyring(in folder: String) -> String? {
    ["gpg", "pgp"].map { "\(folder)/\(keyring).\($0)" }
      .first { FileManager.default.fileExists(atPath: $0) }
  }

  private static func machineSources() -> [AptSource] {
    var sources = AptSource.read(lines: text("/etc/apt/sources.list"))
    let folder = "/etc/apt/sources.list.d"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() {
      if name.hasSuffix(".list") { sources += AptSource.read(lines: text("\(folder)/\(name)")) }
      if name.hasSuffix(".sources") {
        sources += AptSource.read(paragraphs: text("\(folder)/\(name)"))
      }
    }
    return sources
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? .init(), as: UTF8.self)
  }
}
