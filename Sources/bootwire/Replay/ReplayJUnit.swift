import Replay

/// The results of a replay as JUnit's XML, which CI servers show: a suite for each recording, a case
/// for each machine.
struct ReplayJUnit {
  let text: String

  init(_ results: [ReplayResult]) {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
    for result in results { text += Self.suite(result) }
    self.text = text + "</testsuites>"
  }

  private static func suite(_ result: ReplayResult) -> String {
    let machines = result.report?.machines ?? []
    let isChanged = !result.difference.isEmpty
    let extra = result.failure != nil || isChanged ? 1 : 0
    let failures = machines.count { $0.verdict.isFailure } + extra
    let name = escaped(result.path)
    var text =
      "  <testsuite name=\"\(name)\" tests=\"\(machines.count + extra)\" failures=\"\(failures)\">\n"
    for machine in machines { text += testCase(machine, name) }
    if let failure = result.failure {
      text +=
        "    <testcase classname=\"\(name)\" name=\"read\">"
        + "<failure message=\"\(escaped(failure))\"/></testcase>\n"
    } else if isChanged {
      text +=
        "    <testcase classname=\"\(name)\" name=\"transcript\"><failure message=\"other\">"
        + escaped(result.difference.joined(separator: "\n")) + "</failure></testcase>\n"
    }
    return text + "  </testsuite>\n"
  }

  private static func testCase(_ machine: MachineReport, _ suite: String) -> String {
    let head = "    <testcase classname=\"\(suite)\" name=\"\(escaped(machine.title))\">"
    let verdict = escaped("\(machine.verdict)")
    let observations = escaped(machine.observations.map(\.text).joined(separator: "\n"))
    return machine.verdict.isFailure
      ? head + "<failure message=\"\(verdict)\">\(observations)</failure></testcase>\n"
      : head + "<system-out>\(verdict)\n\(observations)</system-out></testcase>\n"
  }

  /// XML 1.0 has no way to write most control characters, so they become a replacement mark.
  private static func escaped(_ text: String) -> String {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": safe += "&amp;"
      case "<": safe += "&lt;"
      case ">": safe += "&gt;"
      case "\"": safe += "&quot;"
      case "\n", "\t": safe.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": safe += "\u{fffd}"
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return safe
  }
}
