import FoundationEssentials
import Network
import Replay

/// A fleet's report as JSON, for programs.
struct FleetJSON {
  let text: String

  init(_ report: FleetReport) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    text = String(decoding: try encoder.encode(Report(report)), as: UTF8.self) + "\n"
  }

  private struct Report: Encodable {
    let compared: Bool
    let recordings: Int
    let machines: Int
    let different: Int
    let broken: Int
    let failing: Int
    let unreadable: [Unread]
    let groups: [Group]

    init(_ report: FleetReport) {
      compared = report.isCompared
      recordings = report.recordingCount
      machines = report.machineCount
      different = report.differentCount
      broken = report.count(.breaks)
      failing = report.count(.fails)
      unreadable = report.unreadable.sorted { $0.recording < $1.recording }
        .map { Unread(file: $0.recording, error: $0.reason) }
      groups = report.groups.map(Group.init)
    }
  }

  private struct Unread: Encodable {
    let file: String
    let error: String
  }

  private struct Group: Encodable {
    let kind: String
    let cause: String
    let machines: [Machine]

    init(_ group: FleetReport.Group) {
      kind = group.kind.rawValue
      cause = group.cause
      machines = group.members.map(Machine.init)
    }
  }

  private struct Machine: Encodable {
    let file: String
    let mac: String
    let firmware: String?
    let name: String?
    let was: String?
    let now: String
    let differences: [Difference]

    init(_ member: FleetReport.Member) {
      file = member.recording
      mac = "\(member.change.macAddress)"
      firmware = member.change.firmware.map { "\($0)" }
      name = member.change.name
      was = member.change.was.map { "\($0)" }
      now = "\(member.change.willBe)"
      differences = member.change.differences.map(Difference.init)
    }
  }

  private struct Difference: Encodable {
    let place: String
    let part: String
    let was: String?
    let now: String?
    let lines: [String]?

    init(_ difference: AnswerDifference) {
      place = difference.place
      part = "\(difference.part)"
      let isText = difference.part == .text
      was = isText ? nil : difference.was
      now = isText ? nil : difference.willBe
      lines = isText ? difference.lines : nil
    }
  }
}
