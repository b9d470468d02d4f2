import Boot
import EventLoop
import FoundationEssentials
import Network
import Replay

/// `reload: {against: …}`: no configuration is put in force under which a recorded machine would not
/// boot that boots now. Checked beside the loop, on one processor: machines are served meanwhile.
struct ReloadDemand: Sendable {
  /// A configuration with its objects, and where its files lie.
  struct Side: Sendable {
    let catalog: Catalog
    let settings: Settings
    let sources: ConfigurationSources?
    let objects: ObjectIndex
  }

  /// What is in force.
  let running: Side

  /// Machines that are told one by one.
  private static let mostMachines = 10
  /// Recordings of one demand.
  private static let mostRecordings = 10_000

  /// The longest recording that is played beside a loop that serves, in bytes.
  private static let recordingMax: Int64 = 16 << 20

  /// What the new configuration's own setting finds in it; empty: it may be put in force.
  ///
  /// - Parameters:
  ///   - site: Whose machines alone are told one by one; nil: all are.
  ///   - warnings: Takes what stops nothing, and should be known.
  func mistakes(
    in loaded: LoadedConfiguration, for site: String? = nil, warnings: inout [Mistake]
  ) -> [Mistake] {
    guard let reload = loaded.settings.reload else { return [] }
    let name = reload.folders.joined(separator: ", ")
    var paths: [String] = []
    for folder in reload.folders {
      do throws(SystemError) { paths += try RecordingFolder.recordings(in: [folder]) } catch {
        // A folder that is not there was warned of when the setting was read.
        guard error.isMissing else { return [Mistake(file: folder, "\(error)")] }
      }
    }
    guard !paths.isEmpty else { return [] }
    guard paths.count <= Self.mostRecordings else {
      return [
        Mistake(
          file: name,
          "\(paths.count) recordings, and \(Self.mostRecordings) are the most that a reload is held"
            + " against: take some away")
      ]
    }
    let new = Side(
      catalog: loaded.catalog, settings: loaded.settings, sources: loaded.sources,
      objects: loaded.objects)
    let run = FleetRun(
      from: running.making(isServed: true), to: new.making(isServed: false),
      recordingMax: Self.recordingMax)
    let outcome = run.run(
      paths, isParallel: false, until: ContinuousClock.now + reload.within)
    if let found = outcome.mistakes { return found.mistakes }
    let broken = Self.broken(outcome.report, in: loaded.catalog, for: site)
    guard broken.isEmpty else { return broken }
    guard outcome.done == paths.count else {
      return [
        Mistake(
          file: name,
          "only \(outcome.done) of \(paths.count) recordings were played in"
            + " \(reload.within.components.seconds) s: raise reload.within, or take some away")
      ]
    }
    let unreadable = outcome.report.unreadable
    guard let first = unreadable.first else { return [] }
    guard outcome.report.recordingCount > 0 else {
      return [
        Mistake(
          file: name,
          "none of the recordings can be read, so nothing is known of what would break:"
            + " \(first.recording): \(first.reason)")
      ]
    }
    warnings.append(
      Mistake(
        file: name,
        "of \(paths.count) recordings \(unreadable.count) cannot be read, or not to the end:"
          + " nothing is known of the rest"))
    return []
  }

  private static func broken(
    _ report: FleetReport, in catalog: Catalog, for site: String?
  ) -> [Mistake] {
    var mistakes: [Mistake] = []
    var others = 0
    for group in report.groups where group.kind == .breaks {
      let told = group.members.filter { member in
        site.map { catalog.isKnown(member.change, at: $0) } ?? true
      }
      others += group.members.count - told.count
      mistakes += told.map { member in
        let change = member.change
        let title = [
          "\(change.macAddress)", change.firmware.map { "\($0)" }, change.name.map { "\($0)" },
        ].compactMap(\.self).joined(separator: " ")
        let option = change.differences.first { $0.part != .text }.map { "; \($0)" } ?? ""
        return Mistake(
          file: member.recording,
          "\(title) would not boot any more: \(group.cause)\(option); it \(change.willBe)")
      }
    }
    let left = mistakes.count - mostMachines
    if left > 0 {
      mistakes =
        mistakes.prefix(mostMachines) + [
          Mistake(file: "and \(left) more", "machines that would not boot any more")
        ]
    }
    if others > 0 {
      mistakes.append(
        Mistake(
          file: "configuration",
          "\(others) machine\(others == 1 ? "" : "s") of other sites would not boot any more"))
    }
    return mistakes
  }
}

extension Catalog {
  /// Whether a recorded machine is known to be of a site. Of one that nobody named, only where there
  /// is no other.
  fileprivate func isKnown(_ change: MachineChange, at site: String) -> Bool {
    guard let name = change.name else {
      return self.site == site && subnets.allSatisfy { $0.site == nil || $0.site == site }
    }
    guard let machine = machine(named: name) else { return false }
    let subnet = machine.address.flatMap { self.subnet(holding: $0) }
    return self.site(of: machine, on: subnet) == site
  }
}

extension ReloadDemand.Side {
  /// Makes its worlds as for a box that has all its interfaces, whether they are up now or not.
  /// What cannot be read a second time (a certificate is gone) is played as it stands.
  ///
  /// - Parameter isServed: Whether it is in force: then it has no mistakes, whatever another box
  ///   would find.
  fileprivate func making(isServed: Bool) -> FleetRun.Making {
    let whole = sources.map {
      RunningConfiguration($0, objects, generation: 0, in: FileManager.default.currentDirectoryPath)
    }
    let world = World(
      catalog: catalog,
      find: World.remembering(World.finder(files: settings.files, loaders: settings.loaders)))
    guard let whole,
      let worlds = try? Worlds(whole.sources, stored: whole.objects, hidesSecrets: true)
    else { return { _ in world } }
    return { addresses throws(ConfigurationMistakes) in
      do throws(ConfigurationMistakes) { return try worlds.world(for: addresses) } catch {
        guard isServed else { throw error }
        return world
      }
    }
  }
}

extension ObjectPlanner {
  /// Refuses what would break a recorded boot.
  ///
  /// - Parameter site: Of an author who learns nothing of others; nil: whoever may read all.
  func checkDemand(
    _ loaded: inout LoadedConfiguration, for site: String? = nil
  ) throws(EditRefusal) {
    var found: [Mistake] = []
    let mistakes = demand.mistakes(in: loaded, for: site, warnings: &found)
    loaded.places += found
    loaded.warnings += found.map(\.warning)
    guard !mistakes.isEmpty else { return }
    throw site.map { veiled(.mistakes(mistakes), from: $0) } ?? .mistakes(mistakes)
  }
}
