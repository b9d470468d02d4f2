import Glibc
import Testing

@testable import EventLoop

extension RealSockets {
  @Suite struct StandardErrors {
    /// A journal that hangs must not hang us.
    @Test func aReaderThatDoesNotReadCostsLinesAndNoTime() {
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      defer {
        close(ends[0])
        close(ends[1])
      }
      let line = String(repeating: "x", count: 99)
      var written = 0
      // A pipe holds 64 KiB: a write that waited would never come back.
      for _ in 0..<2_000 where StandardError.write(line: line, to: ends[1]) { written += 1 }
      #expect(written >= 600 && written < 2_000)
      var bytes = [UInt8](repeating: 0, count: 8_192)
      #expect(read(ends[0], &bytes, 8_192) == 8_192)
      #expect(StandardError.write(line: line, to: ends[1]))
    }

    @Test func aFullSocketCostsLinesAndNoTime() {
      var ends: [Int32] = [0, 0]
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      defer {
        close(ends[0])
        close(ends[1])
      }
      let line = String(repeating: "x", count: 999)
      let written = (0..<5_000).filter { _ in StandardError.write(line: line, to: ends[1]) }
      #expect(!written.isEmpty && written.count < 5_000)
    }

    @Test func aReaderThatHasGoneIsNoReasonToEnd() {
      var ends: [Int32] = [0, 0]
      #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      close(ends[0])
      #expect(!StandardError.write(line: "x", to: ends[1]))
      close(ends[1])
    }
  }
}
