import Foundation

/// This test program run once more as a process of its own, for one test that only such a
/// process enables, so that it can be killed or limited.
struct Child {
  static let variable = "BOOTWIRE_STORE_CHILD"

  /// What the parent asks of the child that we are; nil in an ordinary run.
  static func request(_ test: String) -> String? {
    guard let text = ProcessInfo.processInfo.environment[variable] else { return nil }
    let parts = text.split(separator: "=", maxSplits: 1)
    return parts.first.map(String.init) == test ? parts.last.map(String.init) : nil
  }

  let process = Process()

  init(_ test: String, _ argument: String, through prefix: [String] = []) throws {
    let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let words =
      prefix + [program, "--testing-library", "swift-testing", "--filter", "StoreTests.*\(test)"]
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = Array(words.dropFirst())
    var environment = ProcessInfo.processInfo.environment
    environment[Self.variable] = "\(test)=\(argument)"
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }
}
