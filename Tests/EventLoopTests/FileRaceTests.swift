import EventLoop
import Glibc
import Network
import Testing

extension RealSockets {
  /// Names that change while they are opened and read, on another thread and in a loop.
  @Suite("Case 23: races for a file") struct FileRaces {
    /// Opens `name` until `change` has run `rounds` times; what `judge` is told of each.
    private static func race(
      in folder: TemporaryFolder, rounds: Int, opening name: String,
      _ change: @escaping @Sendable (_ path: String, _ round: Int) -> Void,
      _ judge: (File?, SystemError?) throws -> Void
    ) throws {
      let path = folder.path
      let tree = try FileTree(path)
      beside {
        for round in 0..<rounds { change(path, round) }
        symlink("nowhere", "\(path)/done")
      }
      var status = Glibc.stat()
      while lstat("\(path)/done", &status) != 0 {
        for _ in 0..<20 {
          do throws(SystemError) {
            let file = try tree.open(name)
            try? judge(file, nil)
          } catch {
            try? judge(nil, error)
          }
        }
      }
    }

    @Test(
      "Case 23: a file that is a FIFO, folder, device, link and file in turn is a file or missing")
    func whatIsNoFileIsNeverOpened() throws {
      let outside = TemporaryFolder()
      outside.write("secret", [9])
      let secret = "\(outside.path)/secret"
      let folder = TemporaryFolder()
      folder.write("f", [1])
      var (opened, missed) = (0, 0)
      try Self.race(in: folder, rounds: 3_000, opening: "f") { path, round in
        let next = "\(path)/next"
        switch round % 6 {
        case 0: mkfifo(next, 0o644)
        case 1: symlink(secret, next)
        case 2: symlink("/proc/self/environ", next)
        case 3: symlink("f", next)
        case 4: symlink("/dev/zero", next)
        default: close(open(next, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
        }
        rename(next, "\(path)/f")
        // A folder takes the place of no file: it comes and goes beside it.
        if round % 6 == 5 {
          unlink("\(path)/f")
          mkdir("\(path)/f", 0o755)
          rmdir("\(path)/f")
          link(secret, "\(path)/other")
          unlink("\(path)/other")
        }
      } _: { file, error in
        if let file {
          opened += 1
          let bytes = try file.read(at: 0, count: 64)
          #expect(bytes == [] || bytes == [1])
        } else {
          missed += 1
          #expect(
            error?.isMissing == true || error?.isDenied == true, "\(String(describing: error))")
        }
      }
      #expect(opened > 0 && missed > 0)
    }

    @Test("Case 23: a file replaced in a loop is one of its versions, whole")
    func aReplacedFileIsOneOfItsVersions() throws {
      let folder = TemporaryFolder()
      folder.write("f", [UInt8](repeating: 0, count: 1_000))
      var versions: Set<UInt8> = []
      try Self.race(in: folder, rounds: 2_000, opening: "f") { path, round in
        let bytes = [UInt8](repeating: UInt8(round % 7), count: 1_000 + round % 7)
        let next = open("\(path)/next", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        _ = write(next, bytes, bytes.count)
        close(next)
        rename("\(path)/next", "\(path)/f")
      } _: { file, _ in
        guard let file else { return }
        let bytes = try file.read(at: 0, count: 4_000)
        let first = try #require(bytes.first)
        #expect(bytes.allSatisfy { $0 == first })
        #expect(bytes.count == Int(file.size) && (first == 0 || bytes.count == 1_000 + Int(first)))
        versions.insert(first)
      }
      #expect(!versions.isEmpty)
    }

    @Test("Case 23: a file cut and filled in a loop is read to the size that it had, or ends early")
    func aCutFileEndsEarly() throws {
      let folder = TemporaryFolder()
      folder.write("f", [UInt8](repeating: 7, count: 20_000))
      var (whole, cut) = (0, 0)
      try Self.race(in: folder, rounds: 2_000, opening: "f") { path, _ in
        let file = open("\(path)/f", O_WRONLY | O_CLOEXEC)
        ftruncate(file, 100)
        let bytes = [UInt8](repeating: 7, count: 20_000)
        _ = pwrite(file, bytes, bytes.count, 0)
        close(file)
      } _: { file, _ in
        guard let file else { return }
        let bytes = try file.read(at: 0, count: 20_000)
        // Zeroes where the file was cut and is being filled again, nothing else.
        #expect(bytes.count <= 20_000 && bytes.allSatisfy { $0 == 7 || $0 == 0 })
        if bytes.count == 20_000 { whole += 1 } else { cut += 1 }
      }
      #expect(whole + cut > 0)
    }

    @Test("Case 23: DATA of a file that is cut in a loop is as long as was promised, or none")
    func blocksOfACutFileAreWholeOrNone() throws {
      let loop = try EventLoop()
      let folder = TemporaryFolder()
      folder.write("f", [UInt8](repeating: 7, count: 51_200))
      let file = try FileTree(folder.path).open("f")
      let socket = try TransferSocket(loop: loop, address: .loopback)
      let peer = Peer()
      let path = folder.path
      beside {
        for round in 0..<400 {
          truncate("\(path)/f", round % 2 == 0 ? 600 : 51_200)
          usleep(500)
        }
        symlink("nowhere", "\(path)/done")
      }
      var status = Glibc.stat()
      var (sent, refused) = (0, 0)
      while lstat("\(path)/done", &status) != 0 {
        for count in [1, 8] {
          let blocks = TransferSocket.Blocks(
            of: file, at: 25_600, firstNumber: 51, size: 512, count: count, lastLength: 512)
          do throws(SystemError) {
            try socket.send(blocks, to: Endpoint(.loopback, peer.port))
            for _ in 0..<count {
              #expect(peer.receive()?.count == 516)
            }
            sent += 1
          } catch { refused += 1 }
        }
      }
      #expect(sent > 0 && refused > 0)
    }

    @Test("Case 23: a hard link is a file like others, which only who may write here can make")
    func aHardLinkIsAFile() throws {
      let folder = TemporaryFolder()
      folder.write("f", [1])
      link("\(folder.path)/f", "\(folder.path)/hard")
      let tree = try FileTree(folder.path)
      #expect(try tree.open("hard").read(at: 0, count: 9) == [1])
      for name in ["/proc/self/mem", "proc/self/mem", "../../proc/1/environ", "/dev/null"] {
        #expect(throws: SystemError.self) { _ = try tree.open(name) }
      }
    }
  }
}
