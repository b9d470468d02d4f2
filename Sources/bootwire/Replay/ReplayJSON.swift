import FoundationEssentials
import Network
import Replay

/// The results of a replay as JSON, for programs.
struct ReplayJSON {
  let text: String

  init(_ results: [ReplayResult]) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    text = String(decoding: try encoder.encode(results.map(RecordingEntry.init)), as: UTF8.self)
  }

  private struct RecordingEntry: Encodable {
    let file: String
    let error: String?
    let machines: [MachineEntry]
    let notes: [String]
    let changed: [String]

    init(_ result: ReplayResult) {
      file = result.path
      error = result.failure
      machines = result.report?.machines.map(MachineEntry.init) ?? []
      notes = result.report?.remarks ?? []
      changed = result.difference
    }
  }

  private struct MachineEntry: Encodable {
    let mac: String
    let uuid: String?
    let serial: String?
    let firmware: String?
    let verdict: String
    let fails: Bool
    let observations: [ObservationEntry]

    init(_ machine: MachineReport) {
      mac = "\(machine.macAddress)"
      uuid = machine.uuid.map { "\($0)" }
      serial = machine.serial
      firmware = machine.firmware.map { "\($0)" }
      verdict = "\(machine.verdict)"
      fails = machine.verdict.isFailure
      observations = machine.observations.map(ObservationEntry.init)
    }
  }

  private struct ObservationEntry: Encodable {
    let kind: String
    let step: String
    let packet: Int
    let seconds: Double
    let text: String

    init(_ observation: Observation) {
      kind = observation.kind.rawValue
      step = observation.step.rawValue
      packet = observation.frame
      seconds = Double(observation.time.nanoseconds / 1000) / 1e6
      text = observation.text
    }
  }
}
