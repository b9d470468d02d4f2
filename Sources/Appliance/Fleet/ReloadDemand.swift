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

  /// What the new configuration's own setting finds in it; empty: it may be put in force.
  func mistakes(in loaded: LoadedConfiguration) -> [Mistake] {
    guard let reload = loaded.settings.reload else { return [] }
    // A folder that is not there was warned of when the setting was read.
    let paths = reload.folders.flatMap { folder in
      (try? RecordingFolder.recordings(in: [folder])) ?? []
    }
    guard !paths.isEmpty else { return [] }
    let name = reload.folders.joined(separator: ", ")
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
    let run = FleetRun(from: running.making, to: new.making)
    let (report, done) = run.run(
      paths, isParallel: false, until: ContinuousClock.now + reload.within)
    let broken = Self.broken(report)
    guard broken.isEmpty, done < paths.count else { return broken }
    return [
      Mistake(
        file: name,
        "only \(done) of \(paths.count) recordings were played in"
          + " \(reload.within.components.seconds) s: raise reload.within, or take some away")
    ]
  }

  private static func broken(_ report: FleetReport) -> [Mistake] {
    var mistakes: [Mistake] = []
    for group in report.groups where group.kind == .breaks {
      mistakes += group.members.map { member in
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
    guard left > 0 else { return mistakes }
    return mistakes.prefix(mostMachines) + [
      Mistake(file: "and \(left) more", "machines that would not boot any more")
    ]
  }
}

extension ReloadDemand.Side {
  /// Makes its worlds as for a box that has all its interfaces, whether they are up now or not.
  /// What cannot be read a second time (a certificate is gone) is played as it stands.
  fileprivate var making: FleetRun.Making {
    let whole = sources.map {
      RunningConfiguration($0, objects, generation: 0, in: FileManager.default.currentDirectoryPath)
    }
    if let whole,
      let worlds = try? Worlds(whole.sources, stored: whole.objects, hidesSecrets: true)
    {
      return { addresses throws(ConfigurationMistakes) in try worlds.world(for: addresses) }
    }
    let world = World(
      catalog: catalog,
      find: World.remembering(World.finder(files: settings.files, loaders: settings.loaders)))
    return { _ in world }
  }
}

extension ObjectPlanner {
  /// Refuses what would break a recorded boot.
  func checkDemand(_ loaded: LoadedConfiguration) throws(EditRefusal) {
    let mistakes = demand.mistakes(in: loaded)
    guard mistakes.isEmpty else { throw .mistakes(mistakes) }
  }
}
