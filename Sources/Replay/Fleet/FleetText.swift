import Boot

/// A fleet's report for people: the same bytes each time.
package struct FleetText {
  let report: FleetReport

  package init(_ report: FleetReport) { self.report = report }

  /// Machines that are named one by one in a group; of the rest the number is told.
  private static let mostMachines = 20

  package var text: String {
    var lines = [headline]
    for group in report.groups { lines += [""] + Self.lines(of: group) }
    if !report.unreadable.isEmpty {
      lines += ["", "cannot be read: \(Self.count(report.unreadable.count, "recording"))"]
      lines += report.unreadable.sorted { $0.recording < $1.recording }.prefix(Self.mostMachines)
        .map { "  \(Escaped($0.recording)): \($0.reason)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `3 of 212 machines would be answered differently, 1 of them would not boot any more`.
  package var headline: String {
    let machines = "\(report.machineCount) machine\(report.machineCount == 1 ? "" : "s")"
    let recordings = "in \(Self.count(report.recordingCount, "recording"))"
    let failing = report.count(.fails)
    guard report.isCompared else {
      return "\(report.machineCount - failing) of \(machines) \(recordings) boot or are answered as"
        + " needed, \(failing) \(failing == 1 ? "does" : "do") not"
    }
    let different = report.differentCount
    var text = "\(different == 0 ? "none" : "\(different)") of \(machines) \(recordings) would be"
    text += " answered differently"
    let broken = report.count(.breaks)
    if broken > 0 { text += ", \(broken) of them would not boot any more" }
    return text
  }

  private static func lines(of group: FleetReport.Group) -> [String] {
    let title =
      group.kind == .fails && group.members.first?.change.was == nil
      ? "does not boot" : group.kind.title
    var lines = [
      "\(title): \(group.cause) (\(count(group.members.count, "machine")))"
    ]
    var rest = group.members[...]
    var told = 0
    // Machines that are told the very same stand together, above it.
    while let first = rest.first, told < mostMachines {
      let alike = rest.prefix { details($0.change) == details(first.change) }
      rest = rest.dropFirst(alike.count)
      for member in alike.prefix(mostMachines - told) { lines.append("  " + name(member)) }
      told += alike.count
      lines += details(first.change).map { "    " + $0 }
    }
    if told > mostMachines || !rest.isEmpty {
      let left = group.members.count - min(told, mostMachines)
      lines.append("  and \(count(left, "more machine"))")
    }
    return lines
  }

  /// `uefi.pcap 52:54:00:12:34:56 x86-64-efi pxe rack3-07`.
  private static func name(_ member: FleetReport.Member) -> String {
    let change = member.change
    let parts = [
      "\(Escaped(member.recording))", "\(change.macAddress)", change.firmware.map { "\($0)" },
      change.name.map { "\(Escaped($0))" },
    ]
    return parts.compactMap(\.self).joined(separator: "  ")
  }

  private static func details(_ change: MachineChange) -> [String] {
    guard change.kind != .fails else { return [] }
    var lines = change.differences.flatMap { [$0.description] + $0.lines.map { "  " + $0 } }
    if change.willBe.isFailure || change.was?.isFailure == true {
      lines.append("\(change.willBe)")
    }
    return lines
  }

  private static func count(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
