import Boot
import EventLoop

/// Files opened lately, for up to a second: a fleet that boots asks for the same few files again and
/// again, and opening each anew costs three system calls.
///
/// A file replaced meanwhile is served as it was for that second. A name that was not found is looked
/// for anew each time, so that what an operator just put there is there.
struct OpenFiles {
  private struct Name: Hashable {
    let tree: Resource.Tree
    let path: BootPath
  }

  private var files: [Name: File] = [:]

  static let limit = 256

  subscript(tree: Resource.Tree, path: BootPath) -> File? {
    files[Name(tree: tree, path: path)]
  }

  mutating func keep(_ file: File, _ tree: Resource.Tree, _ path: BootPath) {
    guard files.count < Self.limit else { return }
    files[Name(tree: tree, path: path)] = file
  }

  /// Called each second; what is being sent lives on with who sends it.
  mutating func forget() { files.removeAll(keepingCapacity: true) }
}
