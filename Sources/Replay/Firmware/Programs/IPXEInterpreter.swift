import Boot
import Network

/// Runs iPXE scripts as far as a boot server sees them: what they fetch, and where they end.
struct IPXEInterpreter: Sendable {
  /// A script that runs; what it chains stands above it.
  struct Frame: Sendable {
    let lines: [IPXELine]
    let url: BootURL
    var line = 0
    var command = 0

    var text: String { "line \(lines[min(line, lines.count - 1)].number) of \(url)" }
  }

  struct Image: Sendable {
    let name: String
    let file: FetchedFile
    var arguments: [String]
    /// Whether a command fetched it that means a kernel.
    let isKernel: Bool
  }

  /// What the activity that is out is for.
  enum Pending: Sendable {
    case image(IPXEImageCommand)
    case lease
    case autoboot
    case bootFile
    case sleep
    case prompt
    case choice(setting: String, label: String)
  }

  enum Result: Sendable {
    case done(Bool)
    case turn(Turn)
    /// The place in the script has changed: nothing of this line is left to do.
    case moved
  }

  let build: IPXEBuild
  var frames: [Frame]
  var settings: IPXESettings
  var images: [Image] = []
  var selected: String?
  var pending: Pending?
  var menu = IPXEMenu()
  var parameters: [(String, String)] = []
  /// What went wrong last, for the end of a script that could not go on.
  var failure: (step: BootStep, reason: String)?
  private var status = true
  /// Whether the last command is a script that said `exit`: its failure is meant.
  private var hasExited = false
  private var steps = 0

  /// More commands than any boot takes: a script that loops without end.
  private static let mostSteps = 20_000
  static let mostFrames = 16

  init(_ script: String, from url: BootURL, _ build: IPXEBuild) {
    self.build = build
    frames = [Frame(lines: IPXELine.lines(of: script), url: url)]
    settings = IPXESettings(build)
  }

  /// The boot file of a lease as a URL.
  static func bootURL(of lease: StationLease) -> BootURL? {
    guard let file = lease.bootFile, !file.isEmpty else { return nil }
    if file.contains("://") { return BootURL(file) }
    return lease.bootServer.map { BootURL(.tftp, host: "\($0)", path: file) }
  }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    if let pending {
      self.pending = nil
      switch settle(pending, finding, &station) {
      case .done(let succeeded): status = succeeded
      case .turn(let turn): return turn
      case .moved: status = true
      }
    }
    while steps < Self.mostSteps {
      steps += 1
      if let turn = step(&station) { return turn }
    }
    return .fail(failure?.step ?? .script, "the script goes round for ever" + because)
  }

  private var because: String { failure.map { ": \($0.reason)" } ?? "" }

  private mutating func step(_ station: inout Station) -> Turn? {
    guard let frame = frames.last, frame.line < frame.lines.count else {
      return ended(true, isTold: false, &station)
    }
    let line = frame.lines[frame.line]
    guard frame.command < line.commands.count else {
      guard status || line.commands.isEmpty else {
        if hasExited { return ended(false, isTold: true, &station) }
        note("\(frame.text) fails", .script)
        return ended(false, isTold: false, &station)
      }
      move(to: frame.line + 1)
      return nil
    }
    let command = line.commands[frame.command]
    frames[frames.count - 1].command += 1
    guard command.joint.goes(status) else { return nil }
    let words = command.words.map { settings.expanded($0, station) }
    // Long values cost as much time as many commands.
    steps += words.reduce(0) { $0 + $1.utf8.count } / 256
    guard let name = words.first else {
      status = true
      return nil
    }
    hasExited = false
    switch run(name, words[...], &station) {
    case .done(let succeeded): status = succeeded
    case .moved: status = true
    case .turn(let turn): return turn
    }
    return nil
  }

  mutating func move(to line: Int) {
    guard !frames.isEmpty else { return }
    frames[frames.count - 1].line = line
    frames[frames.count - 1].command = 0
    status = true
  }

  /// Remembers what went wrong; the first cause of a line is the telling one.
  mutating func note(_ reason: String, _ step: BootStep) {
    if step == .script, failure != nil { return }
    failure = (step, reason)
  }

  /// A script ends; what started it goes on.
  ///
  /// - Parameter isTold: Whether it says `exit`.
  mutating func ended(_ succeeded: Bool, isTold: Bool, _ station: inout Station) -> Turn? {
    let frame = frames.popLast()
    guard frames.isEmpty else {
      status = succeeded
      return nil
    }
    if isTold {
      return .end(station.screen.leaving("leaves to the next boot device, as its script says"))
    }
    if !succeeded, let failure { return .fail(failure.step, failure.reason) }
    let url = frame.map { "\($0.url)" } ?? "the script"
    return .fail(.script, succeeded ? "\(url) ends without a boot" : "\(url) fails")
  }

  mutating func exit(_ succeeded: Bool, _ station: inout Station) -> Result {
    if let turn = ended(succeeded, isTold: true, &station) { return .turn(turn) }
    hasExited = true
    return .done(succeeded)
  }
}

/// What a script builds with `menu` and `item`.
struct IPXEMenu: Sendable {
  private(set) var labels: [String] = []
  private(set) var preset: String?

  private static let mostLabels = 256

  mutating func clear() { self = IPXEMenu() }

  mutating func add(_ label: String, isDefault: Bool) {
    guard labels.count < Self.mostLabels else { return }
    labels.append(label)
    if isDefault { preset = label }
  }
}
