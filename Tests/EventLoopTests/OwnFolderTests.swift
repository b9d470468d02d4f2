import EventLoop
import Glibc
import Testing

extension RealSockets {
  @Suite struct OwnFolders {
    @Test func aFolderIsMadeAndKeptToOneUntilItEnds() throws {
      let parent = TemporaryFolder()
      let path = "\(parent.path)/state"
      do {
        let first = try OwnFolder(path)
        let error = #expect(throws: SystemError.self) { try OwnFolder(path) }
        #expect(error?.isHeld == true)
        withExtendedLifetime(first) {}
      }
      _ = try OwnFolder(path)
    }

    @Test func onlyTheLastPartIsMade() {
      let parent = TemporaryFolder()
      let error = #expect(throws: SystemError.self) { try OwnFolder("\(parent.path)/a/b") }
      #expect(error?.errno == ENOENT && error?.call == "mkdir")
    }
  }
}
