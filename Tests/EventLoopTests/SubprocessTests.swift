import EventLoop
import Foundation
import Testing

@Suite("Subprocess") struct SubprocessTests {
  private let output = NSTemporaryDirectory() + "subprocess-" + UUID().uuidString

  private func run(_ words: String...) -> String? {
    do throws(Subprocess.Failure) {
      try Subprocess.run(words, in: "/usr", output: output)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func whatItPrintsIsKeptAndHowItEndedIsTold() throws {
    defer { try? FileManager.default.removeItem(atPath: output) }
    #expect(run("pwd") == nil)
    let script = "echo two words: \"$1\" >&2; exit 3"
    #expect(run("sh", "-c", script, "sh", "a  b") == "sh ended with 3")
    #expect(run("sh", "-c", "kill -9 $$") == "sh was ended by signal 9")
    #expect(run("no-such-program") == "no-such-program ended with 127")
    let text = try String(contentsOfFile: output, encoding: .utf8)
    #expect(text.hasPrefix("/usr\ntwo words: a  b\n"))
  }

  @Test func itReadsNothingAndInheritsLittle() throws {
    defer { try? FileManager.default.removeItem(atPath: output) }
    setenv("BOOTWIRE_SECRET", "1", 1)
    #expect(run("sh", "-c", "cat; echo \"[$BOOTWIRE_SECRET]\"") == nil)
    #expect(try String(contentsOfFile: output, encoding: .utf8) == "[]\n")
  }
}
