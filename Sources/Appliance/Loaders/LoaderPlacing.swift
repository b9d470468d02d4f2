import Boot
import FoundationEssentials

/// Files that are checked one by one, then placed in the loaders folder all together.
struct LoaderPlacing {
  private let folder: String
  private var origin: String
  private var version: String
  private var files: [(entry: LoaderManifest.Entry, octets: [UInt8])] = []

  /// Bytes that are held at most before they are placed; a Raspberry Pi's folder has 40 MB.
  private static let limit = 256 << 20

  init(_ folder: String, origin: String, version: String) {
    self.folder = folder
    self.origin = origin
    self.version = version
  }

  /// What is added from here on comes from elsewhere.
  mutating func turn(to origin: String, version: String) {
    self.origin = origin
    self.version = version
  }

  /// A loader: refused when it is not for its row's architecture.
  mutating func add(_ source: String, _ row: LoaderRow) throws(LoaderFailure) {
    guard let file = try LoaderFile(source, followingLinks: true) else {
      throw LoaderFailure("\(source) is missing")
    }
    try file.check(source, for: row.architecture)
    try add(file, "\(row.set.rawValue)/\(row.file)", row.architecture)
  }

  /// What a loader fetches from its own folder: for the same processor as the loader.
  mutating func add(_ source: String, _ companion: LoaderCompanion) throws(LoaderFailure) {
    guard let file = try LoaderFile(source, followingLinks: true) else {
      throw LoaderFailure("\(source) is missing")
    }
    if companion.isProgram { try file.check(source, for: companion.architecture) }
    try add(file, "\(companion.set.rawValue)/\(companion.file)", nil)
  }

  /// A file that goes with a loader, or firmware of its own.
  mutating func add(
    _ file: LoaderFile, _ path: String, _ architecture: Architecture?
  ) throws(LoaderFailure) {
    guard files.reduce(file.octets.count, { $0 + $1.octets.count }) <= Self.limit else {
      throw LoaderFailure("more than \(Self.limit >> 20) MiB of loaders are not taken at once")
    }
    files.append(
      (
        LoaderManifest.Entry(
          path: path, sha256: file.sha256, byteCount: file.octets.count,
          architecture: architecture?.rawValue, origin: origin, version: version), file.octets
      ))
  }

  /// Places all files and notes them in the manifest.
  ///
  /// - Returns: A line for each.
  func finish() throws(LoaderFailure) -> [String] {
    // What was placed before a damaged manifest is then not known; what is placed now is.
    var manifest = (try? LoaderManifest(in: folder)) ?? LoaderManifest()
    for (entry, octets) in files {
      try FileManager.default.place(
        FoundationEssentials.Data(octets), at: "\(folder)/\(entry.path)")
      manifest.note(entry)
    }
    try manifest.write(in: folder)
    return files.map { file in
      let entry = file.entry
      let use = entry.architecture ?? "goes with it"
      return "\(entry.path)  \(use)  \(entry.byteCount) bytes  sha256 \(entry.sha256.prefix(12))"
    }
  }
}
