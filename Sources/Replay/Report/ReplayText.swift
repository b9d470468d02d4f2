import Boot
import Network

/// A replay for people, and for golden files: the same bytes each time.
package struct ReplayText {
  let name: String
  let report: PlaybackReport

  /// - Parameter name: Of the recording, without its folder.
  package init(_ name: String, _ report: PlaybackReport) {
    self.name = name
    self.report = report
  }

  /// One line for each machine, with what is to be known about it below.
  package var summary: String {
    var text = "\(name)\n"
    for machine in report.machines {
      text += "  \(machine.title): \(machine.verdict)\n"
      for observation in machine.observations where observation.kind == .difference {
        text +=
          "    \(Transcript.seconds(observation.time)) packet \(observation.frame): \(observation.text)\n"
      }
      for observation in machine.observations where observation.kind == .failure {
        text +=
          "    \(Transcript.seconds(observation.time)) packet \(observation.frame): \(observation.text)\n"
      }
    }
    if report.machines.isEmpty { text += "  no machine asked for anything\n" }
    for remark in report.remarks { text += "  note: \(remark)\n" }
    return text
  }

  /// All that happened.
  package var transcript: String {
    var text = "# \(name)\n"
    for machine in report.machines {
      text += "\n## \(machine.title): \(machine.verdict)\n"
      for line in machine.transcript.lines { text += line + "\n" }
    }
    for remark in report.remarks { text += "\n# note: \(remark)\n" }
    return text
  }
}

extension MachineReport {
  /// `52:54:00:12:34:56 x86-bios ipxe, UUID 4c4c4544-…, serial 8d9696f5`.
  package var title: String {
    var title = firmware.map { "\(macAddress) \($0)" } ?? "\(macAddress)"
    if let uuid { title += ", UUID \(uuid)" }
    if let serial { title += ", serial \(Escaped(serial))" }
    return title
  }
}

/// Two texts line by line, as a person compares them.
package struct TextDifference {
  /// Lines with `-` for what was and `+` for what is, three lines of context around them; empty
  /// when the texts are equal.
  package let lines: [String]

  package init(from old: String, to new: String) {
    let before = old.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let after = new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    guard before != after else {
      lines = []
      return
    }
    // What both begin and end with is left out; between, the standard library finds the rest.
    let changes = after.difference(from: before)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in changes {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var merged: [(mark: Character, text: String)] = []
    var old = 0
    var new = 0
    while old < before.count || new < after.count {
      if old < before.count, removed.contains(old) {
        merged.append(("-", before[old]))
        old += 1
      } else if new < after.count, inserted.contains(new) {
        merged.append(("+", after[new]))
        new += 1
      } else {
        if old < before.count { merged.append((" ", before[old])) }
        old += 1
        new += 1
      }
    }
    lines = Self.withContext(merged)
  }

  private static func withContext(_ merged: [(mark: Character, text: String)]) -> [String] {
    let context = 3
    var lines: [String] = []
    var last = -1
    for (index, line) in merged.enumerated() {
      let near = merged[max(0, index - context)..<min(merged.count, index + context + 1)]
      guard near.contains(where: { $0.mark != " " }) else { continue }
      if index > last + 1 { lines.append("@@ line \(index + 1) @@") }
      last = index
      lines.append("\(line.mark)\(line.text)")
    }
    return lines
  }
}
