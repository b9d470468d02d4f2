import Boot
import Network

/// What a changed configuration would do to all machines of many recordings.
///
/// Recordings are added in any order, as they are done; what is told of them is sorted.
package struct FleetReport: Sendable {
  /// Whether there was something to hold the configuration against.
  package let isCompared: Bool
  package private(set) var recordingCount = 0
  package private(set) var machineCount = 0
  /// Recordings that could not be read, or not to their end, with why.
  package private(set) var unreadable: [Unread] = []
  private var counts: [MachineChange.Kind: Int] = [:]
  private var members: [GroupKey: [Member]] = [:]

  package struct Unread: Hashable, Sendable {
    package let recording: String
    package let reason: String
  }

  /// A machine of a recording.
  package struct Member: Hashable, Sendable {
    package let recording: String
    package let change: MachineChange
  }

  /// Machines of the same cause.
  package struct Group: Hashable, Sendable {
    package let kind: MachineChange.Kind
    package let cause: String
    /// By recording, then by their order in it.
    package let members: [Member]
  }

  private struct GroupKey: Hashable {
    let kind: MachineChange.Kind
    let cause: String
  }

  package init(isCompared: Bool) { self.isCompared = isCompared }

  package mutating func add(_ recording: String, _ changes: [MachineChange]) {
    recordingCount += 1
    for change in changes where change.willBe != .idle || change.kind.isDifferent {
      machineCount += 1
      counts[change.kind, default: 0] += 1
      guard change.kind != .none else { continue }
      members[GroupKey(kind: change.kind, cause: change.cause), default: []].append(
        Member(recording: recording, change: change))
    }
  }

  package mutating func add(_ recording: String, unreadableBecause reason: String) {
    unreadable.append(Unread(recording: recording, reason: reason))
  }

  package func count(_ kind: MachineChange.Kind) -> Int { counts[kind] ?? 0 }

  package var differentCount: Int {
    MachineChange.Kind.allCases.filter(\.isDifferent).reduce(0) { $0 + count($1) }
  }

  /// The worst first, then the largest, then by cause.
  package var groups: [Group] {
    members.map { key, members in
      Group(
        kind: key.kind, cause: key.cause,
        members: members.enumerated().sorted {
          ($0.element.recording, $0.offset) < ($1.element.recording, $1.offset)
        }.map(\.element))
    }.sorted { one, other in
      let (first, second) = (one.rank, other.rank)
      return first != second
        ? first < second : (-one.members.count, one.cause) < (-other.members.count, other.cause)
    }
  }
}

extension FleetReport.Group {
  fileprivate var rank: Int { MachineChange.Kind.allCases.firstIndex(of: kind) ?? 0 }
}

extension MachineChange {
  /// What two replays of one recording came to, however long that takes.
  package static func all(
    of recording: Recording, from old: World?, to new: World
  ) -> [MachineChange] {
    all(of: recording, from: old, to: new) { false } ?? []
  }

  /// What two replays of one recording came to, machine by machine.
  ///
  /// - Parameters:
  ///   - old: nil: there is nothing to hold `new` against.
  ///   - isLate: Asked again and again; once it says so, what was played is given up.
  /// - Returns: nil: it became too late.
  package static func all(
    of recording: Recording, from old: World?, to new: World, until isLate: () -> Bool
  ) -> [MachineChange]? {
    var playback = Playback(recording, in: .compared(new, former: old))
    let after = playback.run(until: isLate).machines
    guard !isLate() else { return nil }
    guard let old else { return after.map { MachineChange(from: nil, to: $0) } }
    var former = Playback(recording, in: .compared(old, former: nil))
    let before = former.run(until: isLate).machines
    guard !isLate() else { return nil }
    // One recording has the same machines, whoever answers them.
    return zip(before, after).map { MachineChange(from: $0, to: $1) }
  }
}
