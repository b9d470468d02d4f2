import EventLoop
import FoundationEssentials

/// A private apt: its own sources, lists and cache below one temporary folder, so that nothing of
/// the machine's package state changes, and nothing is installed.
///
/// The machine's configuration stays in force where it is about reaching mirrors (proxies, mirror
/// passwords); what would weaken verification is set back.
struct AptWorkspace {
  let folder: String
  /// What the programs printed, for when one fails.
  var log: String { folder + "/log" }

  init() throws(LoaderFailure) {
    let parent = FileManager.default.temporaryDirectory.path
    folder = "\(parent)/bootwire-\(UInt64.random(in: 0...UInt64.max))"
    do {
      // apt's unprivileged download user must reach its lists, so the folder is not private; made
      // new or not at all, as others may write to its parent.
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    } catch {
      throw LoaderFailure("\(folder) cannot be made: \(error)")
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// Downloads `package` from `sources`, verified by apt, and unpacks it.
  ///
  /// - Returns: Where it is unpacked, and its version.
  func unpack(
    _ package: String, from sources: [AptSource], as name: String
  ) throws(LoaderFailure) -> Unpacked {
    try prepare(name, sources)
    return try unpack(package, in: name)
  }

  /// Where a package is unpacked, and its version.
  typealias Unpacked = (folder: String, version: String)

  /// Fetches the lists of `sources` for a place of their own.
  ///
  /// - Parameter architectures: Of packages besides this machine's own, as Debian names them.
  func prepare(
    _ name: String, _ sources: [AptSource], architectures: [String] = []
  ) throws(LoaderFailure) {
    let place = "\(folder)/\(name)"
    do {
      for part in ["state/lists/partial", "cache/archives/partial", "none"] {
        try FileManager.default.createDirectory(
          atPath: "\(place)/\(part)", withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o755])
      }
      try Array(sources.map(\.paragraph).joined(separator: "\n").utf8)
        .write(toFileAt: "\(place)/parts/own.sources")
      try Array((Self.configuration(in: place) + Self.configuration(for: architectures)).utf8)
        .write(toFileAt: "\(place)/apt.conf")
    } catch {
      throw LoaderFailure("\(place) cannot be written: \(error)")
    }
    // It fails as soon as one of several sources is out of reach; whether the package can be had
    // all the same is for the download to say.
    try? Subprocess.run(Self.apt(in: place) + ["update"], in: place, output: log)
  }

  /// Downloads `package`, as `NAME` or `NAME:ARCHITECTURE`, by the lists of a prepared place.
  func unpack(_ package: String, in name: String) throws(LoaderFailure) -> Unpacked {
    let place = "\(folder)/\(name)"
    let parts = "\(place)/\(package.replacing(":", with: "_"))"
    let files = FileManager.default
    do {
      for part in ["download", "root"] {
        try files.createDirectory(
          atPath: "\(parts)/\(part)", withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o755])
      }
    } catch {
      throw LoaderFailure("\(parts) cannot be made: \(error)")
    }
    try run(Self.apt(in: place) + ["download", package], in: "\(parts)/download")
    let archives = (try? files.contentsOfDirectory(atPath: "\(parts)/download")) ?? []
    guard let archive = archives.first(where: { $0.hasSuffix(".deb") }) else {
      throw LoaderFailure("apt-get download gave no \(package)")
    }
    try run(["dpkg-deb", "-x", "\(parts)/download/\(archive)", "\(parts)/root"], in: place)
    // NAME_VERSION_ARCHITECTURE.deb, the colon of an epoch as %3a.
    let words = archive.split(separator: "_")
    let version = words.count == 3 ? words[1].replacing("%3a", with: ":") : "unknown"
    return ("\(parts)/root", String(version))
  }

  private static func apt(in place: String) -> [String] {
    ["apt-get", "-q", "-c", "\(place)/apt.conf"]
  }

  private func run(_ words: [String], in place: String) throws(LoaderFailure) {
    do {
      try Subprocess.run(words, in: place, output: log)
    } catch {
      throw LoaderFailure("\(words.joined(separator: " ")): \(error)\(lastWords)")
    }
  }

  /// The errors that apt printed last.
  private var lastWords: String {
    guard let contents = FileManager.default.contents(atPath: log) else { return "" }
    let errors = String(decoding: contents, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("E:") || $0.hasPrefix("Err:") || $0.hasPrefix("dpkg-deb: error") }
    return errors.isEmpty ? "" : ": " + errors.suffix(3).joined(separator: "; ")
  }

  /// Read after the machine's own configuration, so that it has the last word.
  private static func configuration(in place: String) -> String {
    """
    Dir::State "\(place)/state";
    Dir::State::status "/dev/null";
    Dir::Cache "\(place)/cache";
    Dir::Etc::sourcelist "/dev/null";
    Dir::Etc::sourceparts "\(place)/parts";
    Dir::Etc::preferences "/dev/null";
    Dir::Etc::preferencesparts "\(place)/none";
    APT::Default-Release "";
    #clear APT::Update;
    Acquire::AllowInsecureRepositories "false";
    Acquire::AllowWeakRepositories "false";
    Acquire::AllowDowngradeToInsecureRepositories "false";
    APT::Get::AllowUnauthenticated "false";
    Acquire::Retries "2";
    Acquire::http::Timeout "20";
    Acquire::https::Timeout "20";
    """ + "\n"
  }

  /// Packages of other processors, which are unpacked and never run here.
  private static func configuration(for architectures: [String]) -> String {
    guard !architectures.isEmpty else { return "" }
    let names = architectures.map { "\"\($0)\";" }.joined(separator: " ")
    return "APT::Architectures { \(names) };\n"
  }
}

extension [UInt8] {
  /// Writes a file, making its folder.
  fileprivate func write(toFileAt path: String) throws(LoaderFailure) {
    try FileManager.default.place(FoundationEssentials.Data(self), at: path)
  }
}
