import EventLoop

/// Tells when the files of a folder have changed and nobody writes them any more.
///
/// It looks each second, beside the loop: a network file system tells nobody of changes, and what
/// an editor or `git` does to a folder is many changes for one.
final class FolderWatch {
  private let path: String
  private let loop: EventLoop
  private let lane = EventLoop.Lane("folder")
  /// As it was when it was last read, or found to be no good.
  private var known: FolderPrint
  /// As it was a second ago, when it was another one than the known.
  private var unsettled: FolderPrint?
  private var isLooking = false

  /// Called once for each change that has settled.
  var onChange: () -> Void = {}

  init(_ path: String, _ loop: EventLoop) {
    self.path = path
    self.loop = loop
    known = FolderPrint(of: path)
  }

  /// Called each second.
  func look() {
    guard !isLooking else { return }
    isLooking = true
    loop.offload(on: lane) { [path] in
      FolderPrint(of: path)
    } then: { [unowned self] outcome in
      isLooking = false
      if case .success(let found) = outcome { compare(found) }
    }
  }

  private func compare(_ found: FolderPrint) {
    guard found != known else {
      unsettled = nil
      return
    }
    guard found == unsettled else {
      unsettled = found
      return
    }
    unsettled = nil
    known = found
    onChange()
  }
}
