import Boot

/// `bootwire loaders list`: what is installed, and whether it still is what was installed.
package struct LoaderListing: Sendable {
  package struct Line: Equatable, Sendable {
    package let path: String
    package let architecture: String
    package let version: String
    /// The first 12 digits.
    package let sha256: String
    package let condition: Condition
  }

  package enum Condition: Equatable, Sendable {
    case ok
    /// Its bytes are not those that were installed.
    case changed
    case missing
    /// It was put there by hand: served, but nobody noted where it is from.
    case unlisted
    /// It is not offered, and why.
    case refused(String)

    package var name: String {
      switch self {
      case .ok: "ok"
      case .changed: "changed"
      case .missing: "missing"
      case .unlisted: "not installed by us"
      case .refused(let reason): "refused: \(reason)"
      }
    }
  }

  /// In the order of their paths.
  package let lines: [Line]

  package init(_ folder: String) throws(LoaderFailure) {
    let entries = try LoaderManifest(in: folder).files
    var lines: [Line] = []
    for entry in entries { lines.append(Self.line(entry, in: folder)) }
    for row in LoaderRow.all {
      let path = "\(row.set.rawValue)/\(row.file)"
      guard !entries.contains(where: { $0.path == path }) else { continue }
      do throws(LoaderFailure) {
        guard let file = try LoaderFile("\(folder)/\(path)") else { continue }
        let condition = Self.condition(file, path, row.architecture) ?? .unlisted
        lines.append(
          Line(
            path: path, architecture: row.architecture.rawValue, version: "-",
            sha256: String(file.sha256.prefix(12)), condition: condition))
      } catch {
        lines.append(
          Line(
            path: path, architecture: row.architecture.rawValue, version: "-", sha256: "-",
            condition: .refused(error.description)))
      }
    }
    self.lines = lines.sorted { $0.path < $1.path }
  }

  private static func line(_ entry: LoaderManifest.Entry, in folder: String) -> Line {
    var digest = "-"
    let condition: Condition
    do throws(LoaderFailure) {
      if let file = try LoaderFile("\(folder)/\(entry.path)") {
        digest = String(file.sha256.prefix(12))
        let architecture = entry.architecture.flatMap { Architecture(rawValue: $0) }
        let same = file.sha256 == entry.sha256 ? Condition.ok : .changed
        condition = architecture.flatMap { Self.condition(file, entry.path, $0) } ?? same
      } else {
        condition = .missing
      }
    } catch {
      condition = .refused(error.description)
    }
    return Line(
      path: entry.path, architecture: entry.architecture ?? "-", version: entry.version,
      sha256: digest, condition: condition)
  }

  /// Nil when firmware of `architecture` can start it.
  private static func condition(
    _ file: LoaderFile, _ path: String, _ architecture: Architecture
  ) -> Condition? {
    do throws(LoaderFailure) {
      try file.check(path, for: architecture)
      return nil
    } catch {
      return .refused(error.description)
    }
  }

  /// Columns for a terminal.
  package var text: String {
    guard !lines.isEmpty else { return "No loader is installed: bootwire loaders install\n" }
    let rows =
      [["FILE", "ARCHITECTURE", "VERSION", "SHA256", "CONDITION"]]
      + lines.map { [$0.path, $0.architecture, $0.version, $0.sha256, $0.condition.name] }
    let widths = (0..<4).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      return (cells + [row[4]]).joined(separator: "  ") + "\n"
    }.joined()
  }
}
