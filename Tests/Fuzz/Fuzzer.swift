import Foundation
import FuzzTargets

@_silgen_name("LLVMFuzzerRunDriver") private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Of the one target that this process was started for.
private let target = CommandLine.arguments.dropFirst().first.flatMap { FuzzTarget(rawValue: $0) }

/// libFuzzer's own main looks for it by this name; ours passes it by hand.
@_cdecl("LLVMFuzzerTestOneInput") public func testOneInput(
  _ bytes: UnsafePointer<UInt8>?, _ count: Int
) -> CInt {
  let octets = Array(UnsafeBufferPointer(start: bytes, count: count))
  do throws(BrokenPromise) {
    try target?.take(octets)
  } catch {
    FileHandle.standardError.write(Data("broken promise: \(error)\n".utf8))
    abort()
  }
  return 0
}

/// `fuzz TARGET FOLDER [-libfuzzer-option…]`: the folder is filled with the target's seeds first. `fuzz list` names the targets.
///
/// SwiftPM gives an executable's main this name, and libFuzzer brings a `main` of its own.
@_cdecl("fuzz_main") public func start(
  _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
  guard let target, CommandLine.arguments.count > 2 else {
    print(FuzzTarget.allCases.map(\.rawValue).joined(separator: "\n"))
    return CommandLine.arguments.dropFirst().first == "list" ? 0 : 64
  }
  SeedFolder(CommandLine.arguments[2]).fill(for: target)
  // libFuzzer sees our name, then its options and the folder.
  var (count, rest) = (count - 1, arguments?.advanced(by: 1))
  return runDriver(&count, &rest, testOneInput)
}
