import Boot
import EventLoop
import Foundation
import Testing

@testable import Appliance

@Suite struct HostKeyMakerTests {
  @Test func aPairFitsAndIsMadeOnce() throws {
    let one = try HostKeyMaker.make(comment: "rack1")
    let two = try HostKeyMaker.make(comment: "rack1")
    #expect(one.publicKey != two.publicKey)
    #expect(HostKey(privateKey: one.privateKey.revealed) == one.publicKey)
    #expect(HostKey(line: one.publicKey.line) == one.publicKey)
  }

  @Test func noDumpShowsThePrivateHalf() throws {
    let pair = try HostKeyMaker.make(comment: "rack1")
    var text = "\(pair)"
    dump(pair, to: &text)
    let body = pair.privateKey.revealed.split(separator: "\n").dropFirst().dropLast()
    for line in body { #expect(!text.contains(line)) }
  }

  @Test(
    "ssh-keygen reads what was made",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh-keygen")),
    arguments: ["", "r", "rack1", "a-name-that-is-longer.lab.test"])
  func otherPeoplesProgramReadsIt(_ comment: String) throws {
    let pair = try HostKeyMaker.make(comment: comment)
    let folder = NSTemporaryDirectory() + "key-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try NewFile.write(Array(pair.privateKey.revealed.utf8), to: folder + "/key", mode: 0o600)
    try Subprocess.run(
      ["ssh-keygen", "-y", "-f", "key"], in: folder, output: folder + "/said")
    let said = try String(contentsOfFile: folder + "/said", encoding: .utf8)
    #expect(said == pair.publicKey.line + (comment.isEmpty ? "\n" : " \(comment)\n"))
  }
}
