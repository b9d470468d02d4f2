import EventLoop
import Network
import Wire

/// Puts the frames of each machine into a recording of its own: `MAC_TIME.pcap` in one folder.
package final class Recorder {
  package let folder: String
  private var traffic: MachineTraffic
  private let link: LinkType
  private let stamp: String
  private let ending: String
  private let limit: Int
  private var files: [MACAddress: RecordedFile] = [:]

  /// One machine's file, and what it had no room for.
  package struct RecordedFile {
    package let machine: MACAddress
    package let writer: SavefileWriter
    package fileprivate(set) var leftOut = 0
  }

  /// - Parameters:
  ///   - stamp: The time in the files' names.
  ///   - ending: What their names end with.
  ///   - limit: The largest that a file may get, in octets.
  package init(
    folder: String, _ traffic: MachineTraffic, link: LinkType, stamp: String, ending: String,
    limit: Int
  ) {
    self.folder = folder
    self.traffic = traffic
    self.link = link
    self.stamp = stamp
    self.ending = ending
    self.limit = limit
  }

  /// How many frames belong to machines that there was no room for.
  package var turnedAway: Int { traffic.turnedAway }

  /// In the order in which the machines were first seen.
  package var recorded: [RecordedFile] { traffic.machines.compactMap { files[$0] } }

  package func take(_ frame: Frame) throws(SystemError) {
    guard let machine = traffic.machine(of: frame) else { return }
    var file: RecordedFile
    if let known = files[machine] {
      file = known
    } else {
      file = RecordedFile(machine: machine, writer: try makeFile(for: machine))
    }
    if try !file.writer.write(frame) { file.leftOut += 1 }
    files[machine] = file
  }

  /// Hands everything to the kernel.
  package func flush() throws(SystemError) {
    for file in recorded { try file.writer.flush() }
  }

  /// Two recordings that began in the same second have names that differ by a number.
  private func makeFile(for machine: MACAddress) throws(SystemError) -> SavefileWriter {
    let name = "\(folder)/\(machine.dashed)_\(stamp)"
    var attempt = 1
    while true {
      let path = name + (attempt == 1 ? "" : "-\(attempt)") + ending
      do throws(SystemError) {
        return try SavefileWriter(path, link, limit: limit)
      } catch {
        guard error.isThere, attempt < 100 else { throw error }
        attempt += 1
      }
    }
  }
}
