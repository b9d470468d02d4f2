import Bytes
import Capture
import Foundation
import Replay
import Testing
import Wire

/// Recordings of real firmware and those that others published: beside the package, no part of it.
struct RecordedCaptureTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("shared/captures").path

  private static var arePresent: Bool { FileManager.default.fileExists(atPath: folder) }

  private static func paths() -> [String] {
    (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.sorted()
      .map { folder + "/" + $0 }
  }

  @Test(.enabled(if: arePresent, "no ../shared/captures"))
  func everyRecordingIsReadOrItsFailureNamesAPacket() throws {
    var frames = 0
    for path in Self.paths() {
      do throws(CaptureFailure) {
        let file = try Savefile(reading: path)
        frames += file.frames.count
        if let failure = file.failure {
          #expect(failure.frame == file.frames.count + 1 && !failure.reason.isEmpty)
          print("\(failure)")
        }
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(frames > 1000)
  }

  @Test(.enabled(if: arePresent, "no ../shared/captures"))
  func everyRecordingIsElidedToOneOfItsLength() throws {
    var fileCount = 0
    for path in Self.paths() {
      let file = try Savefile(reading: path)
      let elision = Elision(file.frames)
      #expect(elision.frames.map(\.originalCount) == file.frames.map(\.originalCount), "\(path)")
      fileCount += elision.files.count
      // What is elided is elided again to the same.
      #expect(Elision(elision.frames).frames == elision.frames, "\(path)")
    }
    #expect(fileCount > 50)
  }

  @Test(.enabled(if: arePresent, "no ../shared/captures"))
  func ourOwnRecordingsAreReadWholeAndHaveLinkHeads() throws {
    let own = Self.paths().filter { !$0.contains("/public/") }
    for path in own {
      let file = try Savefile(reading: path)
      #expect(file.failure == nil && !file.frames.isEmpty)
      for frame in file.frames {
        let head = try LinkHead(checking: frame.octets.rawSpan, frame.link)
        #expect(head.length == 14 && head.source != nil)
      }
    }
    #expect(own.count > 20)
  }
}
