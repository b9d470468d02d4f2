import EventLoop
import Glibc
import Testing

extension RealSockets {
  @Suite struct Files {
    @Test("Case 23: no link, device, FIFO, folder or /proc leads out of the tree")
    func nothingOutsideTheTreeIsOpened() throws {
      let outside = TemporaryFolder()
      outside.write("secret", [9])
      let folder = TemporaryFolder()
      mkdir("\(folder.path)/sub", 0o755)
      folder.write("sub/f", [1])
      symlink("sub/f", "\(folder.path)/inside")
      symlink("../sub/f", "\(folder.path)/sub/through")
      symlink("\(outside.path)/secret", "\(folder.path)/absolute")
      symlink("../../../../../etc/passwd", "\(folder.path)/climbing")
      symlink(outside.path, "\(folder.path)/folder")
      symlink("/proc/self/root", "\(folder.path)/magic")
      symlink("loop", "\(folder.path)/loop")
      mkfifo("\(folder.path)/fifo", 0o644)
      let tree = try FileTree(folder.path)
      for name in ["sub/f", "/sub/f", "//sub/./f", "sub/../sub/f", "inside", "sub/through"] {
        #expect(try tree.open(name).read(at: 0, count: 10) == [1], "\(name)")
      }
      let refused = [
        "absolute", "climbing", "folder/secret", "magic/etc/passwd", "loop", "fifo", "sub", "",
        "/", ".", "..", "../\(outside.path)/secret", "sub/f\0.txt", "sub/../../etc/passwd",
        String(repeating: "a", count: 300), String(repeating: "a/", count: 3_000), "sub/f/x",
      ]
      for name in refused {
        let error = #expect(throws: SystemError.self, "\(name)") { _ = try tree.open(name) }
        #expect(error?.isMissing == true, "\(name)")
      }
      if getuid() == 0, mknod("\(folder.path)/null", S_IFCHR | 0o666, 0x103) == 0 {
        #expect(throws: SystemError.self) { _ = try tree.open("null") }
      }
    }

    @Test func aFolderMovedIntoItsPlaceIsSeen() throws {
      let folder = TemporaryFolder()
      mkdir("\(folder.path)/now", 0o755)
      mkdir("\(folder.path)/next", 0o755)
      folder.write("now/f", [1])
      folder.write("next/f", [2])
      let tree = try FileTree("\(folder.path)/now")
      #expect(!tree.isReplaced)
      rename("\(folder.path)/now", "\(folder.path)/old")
      // Nothing there, or no folder: another may be on its way.
      #expect(!tree.isReplaced)
      folder.write("now", [3])
      #expect(!tree.isReplaced)
      unlink("\(folder.path)/now")
      rename("\(folder.path)/next", "\(folder.path)/now")
      #expect(tree.isReplaced)
      #expect(try tree.open("f").read(at: 0, count: 10) == [1])
      let next = try FileTree("\(folder.path)/now")
      #expect(try !next.isReplaced && next.open("f").read(at: 0, count: 10) == [2])
    }

    @Test("Case 23: a link swapped in a loop never leads out")
    func aLinkSwappedInALoopNeverLeadsOut() throws {
      let outside = TemporaryFolder()
      outside.write("f", [9])
      let folder = TemporaryFolder()
      mkdir("\(folder.path)/real", 0o755)
      folder.write("real/f", [1])
      symlink(outside.path, "\(folder.path)/evil")
      symlink("real", "\(folder.path)/good")
      symlink("real", "\(folder.path)/door")
      let path = folder.path
      let outsidePath = outside.path
      let tree = try FileTree(path)
      beside {
        for round in 0..<4_000 {
          symlink(round % 2 == 0 ? outsidePath : "real", "\(path)/next")
          rename("\(path)/next", "\(path)/door")
        }
        symlink("real", "\(path)/done")
      }
      var opened = 0
      while access("\(path)/done", F_OK) != 0 {
        for _ in 0..<50 {
          guard let file = try? tree.open("door/f") else { continue }
          opened += 1
          #expect(try file.read(at: 0, count: 1) == [1])
        }
      }
      #expect(opened > 0)
    }

    @Test func aMissingFolderSaysWhich() {
      #expect(throws: SystemError(call: "open", errno: ENOENT, path: "/nonexistent")) {
        _ = try FileTree("/nonexistent")
      }
    }
  }
}
