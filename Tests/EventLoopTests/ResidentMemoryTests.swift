import EventLoop
import Foundation
import Testing

@Suite struct ResidentMemoryTests {
  /// Pages of files mapped by this process, in kilobytes.
  private static func mappedFiles() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
    return try #require(Int(line.filter(\.isNumber)))
  }

  @Test func whatTheStartNeededIsGivenBackAndWhatIsNeededComesBack() throws {
    let before = try Self.mappedFiles()
    ResidentMemory.dropStartUpPages()
    let after = try Self.mappedFiles()
    #expect(after < before)
    // Relocated constants, metadata and code all still work.
    #expect(String(describing: ["key": [1, 2, 3]]) == "[\"key\": [1, 2, 3]]")
    #expect(try JSONEncoder().encode(["a": 1]).count == 7)
  }
}
