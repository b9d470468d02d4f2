import Foundation
import FuzzTargets
import Testing

/// What fuzzing found once, and what was made by hand, is survived ever after; so are the seeds.
@Suite("Case 56: what fuzzing found") struct FuzzFindingTests {
  struct Finding: CustomTestStringConvertible, Sendable {
    let target: FuzzTarget
    let name: String
    let octets: [UInt8]

    var testDescription: String { "\(target.rawValue)/\(name)" }

    static let all: [Finding] = FuzzTarget.allCases.flatMap { target in
      let folder = FuzzSeeds.findings.appendingPathComponent(target.rawValue)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      return names.sorted().compactMap { name in
        (try? Data(contentsOf: folder.appendingPathComponent(name))).map {
          Finding(target: target, name: name, octets: [UInt8]($0))
        }
      }
    }
  }

  @Test(arguments: Finding.all) func aFindingIsSurvived(_ finding: Finding) throws {
    try finding.target.take(finding.octets)
  }

  @Test func everyFolderIsOfATarget() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: FuzzSeeds.findings.path)
    #expect(names.count > 5)
    for name in names where name != "README.md" {
      #expect(FuzzTarget(rawValue: name) != nil, "\(name)")
    }
  }

  @Test(arguments: FuzzTarget.allCases) func aTargetHasSeedsAndTakesThem(_ target: FuzzTarget)
    throws
  {
    let seeds = FuzzSeeds.all(of: target)
    #expect(!seeds.isEmpty)
    for seed in seeds { try target.take(seed) }
  }
}
