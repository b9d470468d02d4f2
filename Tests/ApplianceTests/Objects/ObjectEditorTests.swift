import Boot
import EventLoop
import Foundation
import Network
import Services
import Store
import Testing
import YAML

@testable import Appliance

@Suite("Edits of objects", .serialized) struct ObjectEditorTests {
  private static let mac = #"{"mac":"52:54:00:00:00:02"}"#

  @Test func aMachineThatIsPutIsInForceAtOnceAndAfterARestart() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let outcomes = bench.play([
      .edit(.put(.machines, "m2", Self.mac)),
      .run { #expect($0.catalog.machine(named: "m2") != nil && $0.catalog.generation == 2) },
      .edit(.put(.machines, "m2", Self.mac)),
      .run { #expect($0.catalog.generation == 2, "nothing changed") },
      .generations,
    ])
    #expect(
      outcomes == ["1: created machines/m2", "1: unchanged machines/m2", "1 ops "])
    let again = try bench.restarted()
    #expect(again.appliance.catalog.machine(named: "m2")?.macAddress?.number == 0x5254_0000_0002)
    #expect(again.appliance.catalog.machine(named: "filed") != nil)
    #expect(again.appliance.editor.generation == 1)
    let object = again.appliance.editor.objects[.machines, "m2"]
    #expect(object?.origin == .generation(1) && object?.entityTag == "g1")
    #expect(object?.site == "nbg1" && object?.spec == Self.mac)
    #expect(again.appliance.editor.objects[.machines].map(\.name) == ["filed", "m2"])
  }

  @Test func aPlanWithMistakesChangesNothing() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let outcomes = bench.play([
      .edit(.put(.machines, "m2", #"{"mac":"no"}"#)),
      .edit(.apply("machines:\n  - {name: m3, mac: 52:54:00:00:00:03}\n  - {name: m4}\n")),
      .run {
        #expect($0.editor.objects.count == 2 && $0.catalog.generation == 1)
        #expect($0.catalog.machine(named: "m3") == nil)
      },
      .generations,
    ])
    #expect(
      outcomes[0] == "machines/m2:1:8: error: \"no\" is not a MAC address as 52:54:00:12:34:56")
    #expect(outcomes[1].hasPrefix("site.yaml:3:5: error: a machine has none of mac, uuid,"))
    #expect(outcomes[2] == "")
  }

  @Test func aDryRunTellsTheDifferenceAndChangesNothing() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var difference = ""
    _ = bench.play([
      .edit(.put(.machines, "m2", Self.mac)),
      .run { appliance in
        let spec = #"{"mac":"52:54:00:00:00:02","profile":"local"}"#
        appliance.editor.edit(.put(.machines, "m2", spec, isDry: true)) { outcome in
          difference = (try? outcome.get())?.changes.first?.diff ?? ""
        }
      },
      .generations,
      .run { #expect($0.catalog.machine(named: "m2")?.profile == nil) },
    ])
    #expect(
      difference == """
        --- machines/m2
        +++ machines/m2
        @@ -1 +1,2 @@
         mac: "52:54:00:00:00:02"
        +profile: local

        """)
  }

  @Test func whatAFileHoldsIsReadOnly() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let place = "machines/filed is read-only: it is in \(bench.folder)/bootwire.yaml:10"
    let outcomes = bench.play([
      .edit(.put(.machines, "filed", Self.mac)),
      .edit(ObjectEdit(.delete(.machines, "filed"), by: .init("ops"))),
      .edit(.apply("machines: [{name: filed, mac: 52:54:00:00:00:09}]")),
      .edit(ObjectEdit(.delete(.machines, "nobody"), by: .init("ops"))),
    ])
    #expect(outcomes == [place, place, place, "there is no machines/nobody"])
  }

  @Test func whoIsTooLateIsTold() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let other = #"{"mac":"52:54:00:00:00:02","labels":{"rack":"3"}}"#
    let outcomes = bench.play([
      .edit(.put(.machines, "m2", Self.mac, if: .isNew)),
      .edit(.put(.machines, "m2", other, if: .isNew)),
      .edit(.put(.machines, "m2", other, if: .matches(["g7"]))),
      .edit(.put(.machines, "m2", other, if: .matches(["g7", "g1"]))),
      .edit(.put(.machines, "m2", Self.mac, if: .matches(["g1"]))),
      .edit(.put(.machines, "m3", Self.mac, if: .matches(["g1"]))),
      .edit(.put(.machines, "filed", Self.mac, if: .isNew)),
    ])
    let late = "it was changed meanwhile"
    #expect(outcomes[0] == "1: created machines/m2" && outcomes[3] == "2: changed machines/m2")
    #expect([1, 2, 4, 5].allSatisfy { outcomes[$0] == late })
  }

  @Test func applyAndPruneMakeAllOfItSoAndARollBackUndoesIt() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let first = """
      machines:
        - {name: a, mac: 52:54:00:00:00:0a}
        - {name: b, mac: 52:54:00:00:00:0b}
        - {name: elsewhere, mac: 52:54:00:00:00:0e, site: fra1}
      """
    let second = """
      machines:
        - {name: b, mac: 52:54:00:00:00:1b}
        - {name: c, mac: 52:54:00:00:00:0c}
      """
    let outcomes = bench.play([
      .edit(.apply(first)), .edit(.apply(second, prunes: true, isDry: true)),
      .edit(.apply(second, prunes: true)),
      .run { #expect($0.catalog.machines.map(\.name) == ["filed", "b", "c", "elsewhere"]) },
      .edit(ObjectEdit(.rollBack(1), by: .init("ops"), note: "back")),
      .run {
        #expect($0.catalog.machines.map(\.name) == ["filed", "a", "b", "elsewhere"])
        #expect($0.catalog.machine(named: "b")?.macAddress?.number == 0x5254_0000_000b)
      },
      .edit(ObjectEdit(.rollBack(9), by: .init("ops"))), .generations, .changes(2), .changes(9),
    ])
    #expect(outcomes[0] == "1: created machines/a, created machines/b, created machines/elsewhere")
    #expect(outcomes[1] == "1: deleted machines/a, changed machines/b, created machines/c")
    #expect(outcomes[2] == "2: deleted machines/a, changed machines/b, created machines/c")
    #expect(
      outcomes[3]
        == "3: created machines/a, changed machines/b, deleted machines/c, unchanged machines/elsewhere"
    )
    #expect(outcomes[4] == "there is no generation 9")
    #expect(outcomes[5] == "3 ops back, 2 ops , 1 ops ")
    #expect(outcomes[6] == "2: deleted machines/a, changed machines/b, created machines/c")
  }

  @Test func anAuthorOfOneSiteEditsNobodyElses() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let fra1 = ObjectEdit.Author("fra1-ops", site: "fra1")
    func machine(_ last: Int, _ site: String) -> String {
      #"{"mac":"52:54:00:00:00:0\#(last)","site":"\#(site)"}"#
    }
    let outcomes = bench.play([
      .edit(.put(.machines, "a", machine(2, "fra1"), by: fra1)),
      .edit(.put(.machines, "b", machine(3, "nbg1"), by: fra1)),
      .edit(.put(.machines, "b", #"{"mac":"52:54:00:00:00:03"}"#, by: fra1)),
      .edit(.put(.machines, "b", machine(3, "nbg1"))),
      .edit(.put(.machines, "b", machine(3, "fra1"), by: fra1)),
      .edit(ObjectEdit(.delete(.machines, "b"), by: fra1)),
      .edit(
        .apply("machines: [{name: a, mac: 52:54:00:00:00:04, site: fra1}]", prunes: true, by: fra1)),
      .edit(ObjectEdit(.rollBack(1), by: fra1)),
    ])
    #expect(outcomes[0] == "1: created machines/a" && outcomes[3] == "2: created machines/b")
    let refusal = "machines/b is not of the token's site"
    #expect([1, 2, 4, 5, 7].allSatisfy { outcomes[$0] == refusal }, "\(outcomes)")
    #expect(outcomes[6] == "3: changed machines/a")
  }

  @Test func noSiteTakesAnothersMachineOrLearnsOfIt() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let fra1 = ObjectEdit.Author("fra1-ops", site: "fra1")
    let found = MACAddress(0x52, 0x54, 0, 0, 0, 9)
    let outcomes = bench.play([
      .edit(.put(.machines, "hidden", #"{"mac":"52:54:00:00:00:08","site":"nbg1"}"#)),
      .run {
        $0.dhcp.provisions.restore(
          Provision(
            machine: found.dashed, site: "nbg1", macAddress: found, state: .discovered,
            since: .start, cause: ""))
      },
      .edit(.put(.machines, "taken", #"{"mac":"52:54:00:00:00:09","site":"fra1"}"#, by: fra1)),
      .edit(.put(.machines, "same", #"{"mac":"52:54:00:00:00:08","site":"fra1"}"#, by: fra1)),
      .edit(.put(.machines, "own", #"{"mac":"52:54:00:00:00:07","site":"fra1"}"#, by: fra1)),
    ])
    #expect(outcomes[1] == "machines/taken: its hardware is known at another site")
    #expect(!outcomes[2].contains("hidden") && outcomes[2].contains("other sites"))
    #expect(outcomes[3] == "2: created machines/own")
  }

  @Test func whoMayNotSetSecretsCannotTryWhatTheyAre() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let ops = ObjectEdit.Author("ops", maySetSecrets: false)
    let refusal = "secrets would change, which needs the role admin"
    let outcomes = bench.play([
      .edit(.apply("secrets: {a: {value: right}}")),
      .edit(.apply("secrets: {a: {value: right}}", by: ops)),
      .edit(.apply("secrets: {a: {value: wrong}}", by: ops)),
      .edit(.apply("secrets: {a: {}}", by: ops)),
      .edit(.apply("machines: []\nsecrets: {b: {value: new}}", prunes: true, by: ops)),
      .edit(.put(.secrets, "b", #"{"value":"x"}"#)),
      .edit(ObjectEdit(.rollBack(1), by: ops)),
      .edit(ObjectEdit(.delete(.secrets, "a"), by: ops)),
    ])
    #expect(outcomes[3] == "1: unchanged secrets/a", "\(outcomes)")
    #expect([1, 2, 4, 6, 7].allSatisfy { outcomes[$0] == refusal }, "\(outcomes)")
  }

  @Test func anApprovalIsStoredWithItsMachine() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let provision = Provision(
      machine: "m2", site: "nbg1", state: .approved, since: .start, cause: "operator")
    _ = bench.play([
      .edit(.put(.machines, "bad", #"{"mac":"no"}"#, registry: [.provision(provision)])),
      .run { #expect((try? $0.registry.entries(of: "m2", clock: $0.clockReading)) == []) },
      .edit(.put(.machines, "m2", Self.mac, registry: [.provision(provision)])),
    ])
    let again = try bench.restarted()
    #expect(again.appliance.dhcp.provisions.all.map(\.state) == [.approved])
  }

  @Test func aMachineThatIsGoneIsNotArmedAnyMore() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    _ = bench.play([
      .edit(.put(.machines, "m2", Self.mac)),
      .run { appliance in
        var dice = SystemRandomNumberGenerator()
        let outcome = appliance.dhcp.provisions.arm(
          "m2", site: "nbg1", macAddress: nil, for: "", until: appliance.loop.now + .seconds(60),
          relayPort: [], token: BootToken { dice.next() }, "operator", at: appliance.loop.now)
        appliance.take(outcome)
      },
      .edit(ObjectEdit(.delete(.machines, "m2"), by: .init("ops"))),
      .run {
        #expect($0.dhcp.provisions["m2"]?.state == .approved && $0.dhcp.provisions.armed.isEmpty)
      },
      .until { $0.registryJournal.isIdle },
      .run { appliance in
        let entries = try? appliance.registry.entries(of: "m2", clock: appliance.clockReading)
        #expect(entries?.map(\.state) == [.approved, .armed])
        #expect(entries?.first?.cause == "its object is gone")
      },
    ])
    let again = try bench.restarted()
    #expect(again.appliance.dhcp.provisions["m2"]?.arming == nil)
  }

  @Test func aReloadTakesTheFilesWithWhatWasApplied() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let changed = ObjectBench.configuration + "\n  - {name: more, mac: 52:54:00:00:00:05}\n"
    let outcomes = bench.play([
      .edit(.put(.machines, "m2", Self.mac)), .run { _ in bench.write(changed) }, .reload,
      .run { #expect($0.catalog.machines.map(\.name) == ["filed", "more", "m2"]) },
      .run { _ in bench.write("site: [") }, .reload,
      .run { #expect($0.catalog.machines.count == 3 && $0.catalog.generation == 3) },
      .run { _ in bench.write(changed.replacingOccurrences(of: "state: state", with: "state: x")) },
      .reload,
    ])
    #expect(outcomes[1] == "reloaded")
    #expect(outcomes[2].contains("this is no YAML"))
    #expect(outcomes[3].contains("state cannot change while bootwire runs"))
  }

  @Test func editsAreBoundedAndOneAfterAnother() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var outcomes: [Result<EditOutcome, EditRefusal>] = []
    _ = bench.play([
      .run { appliance in
        for number in 10..<99 {
          let edit = ObjectEdit.put(
            .machines, "m\(number)", #"{"mac":"52:54:00:00:00:\#(number)"}"#)
          appliance.editor.edit(edit) { outcomes.append($0) }
        }
      },
      .until { _ in outcomes.count == 89 },
    ])
    #expect(outcomes.count { $0 == .failure(.tooMany) } == 89 - 65)
    let generations = outcomes.compactMap { try? $0.get().generation }
    #expect(generations == Array(1...65))
  }

  @Test func aFolderIsAppliedWhenItHasSettledAndABadOneIsToldOnce() throws {
    let bench = try ObjectBench(isWatched: true)
    defer { bench.remove() }
    func refused(_ appliance: Appliance) -> Int {
      appliance.counters.all.first { $0.name == "configuration.refused" }?.count ?? 0
    }
    let began = ContinuousClock.now
    _ = bench.play([
      .run { _ in bench.write("machines: [{name: m7, mac: 52:54:00:00:00:07}]", to: "more.yaml") },
      .until { $0.catalog.machine(named: "m7") != nil },
      .run { _ in #expect(ContinuousClock.now - began > .seconds(1), "it settles before it is read")
      },
      .run { _ in bench.write("machines: [{name: m8}]", to: "more.yaml") },
      .until { refused($0) == 1 },
      .run { _ in bench.write("machines: [{name: m8, mac: 52:54:00:00:00:08}]", to: "more.yaml") },
      .until { $0.catalog.machine(named: "m8") != nil },
      .run {
        #expect(refused($0) == 1 && $0.catalog.machine(named: "m7") == nil)
        #expect(
          $0.editor.objects[.machines, "m8"]?.origin
            == .file(bench.folder + "/more.yaml", line: 1))
      },
    ])
    #expect(bench.outcomes.isEmpty)
  }

  @Test func aRegistryThatIsTakenAwayIsWrittenAgain() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let outcomes = bench.play([
      .edit(.put(.machines, "m2", Self.mac)),
      .run { _ in
        for suffix in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(
            atPath: bench.folder + "/state/registry.sqlite" + suffix)
        }
      },
      .edit(.put(.machines, "m3", #"{"mac":"52:54:00:00:00:03"}"#)),
      .until { ((try? $0.registry.objects().0.count) ?? 0) == 1 },
      .edit(.put(.machines, "m3", #"{"mac":"52:54:00:00:00:03"}"#)),
    ])
    #expect(outcomes[1].contains("it was taken away while in use"))
    #expect(outcomes[2] == "2: created machines/m3")
    let again = try bench.restarted()
    #expect(again.appliance.catalog.machines.map(\.name) == ["filed", "m2", "m3"])
  }

  @Test func theExportIsWhatApplyTakes() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    var export = ""
    let text = """
      machines:
        - {name: a, mac: "52:54:00:00:00:0a", labels: {rack: "3"}, values: {text: "a\\nb\\n"}}
      """
    let outcomes = bench.play([
      .edit(.apply(text)), .run { export = $0.editor.export() },
    ])
    #expect(outcomes == ["1: created machines/a"])
    #expect(
      export == """
        machines:
          - name: a
            mac: 52:54:00:00:00:0a
            labels:
              rack: "3"
            values:
              text: |
                a
                b

        """)
    let again = try bench.restarted()
    #expect(again.play([.edit(.apply(export))]) == ["1: unchanged machines/a"])
  }

  @Test func aSecretsValueIsInNoDifferenceNoExportAndNoList() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    let canaries = ["canary-\(UUID().uuidString)", "canary-\(UUID().uuidString)"]
    var shown = ""
    func put(_ spec: String) -> ObjectBench.Step {
      .run { appliance in
        appliance.editor.edit(.put(.secrets, "root", spec)) { shown += "\($0)" }
      }
    }
    let outcomes = bench.play([
      put(#"{"value":"\#(canaries[0])"}"#), .edit(.put(.secrets, "root", "{}")),
      put(#"{"value":"\#(canaries[1])"}"#), .edit(.put(.secrets, "root", "{}")),
      .run { appliance in
        #expect(appliance.catalog.secrets.map(\.value.revealed) == [canaries[1]])
        shown += appliance.editor.export() + "\(appliance.editor.objects[.secrets])"
        shown += "\(appliance.timeline)"
      },
      .edit(.apply("secrets: {other: {site: nbg1}}")),
      .edit(ObjectEdit(.delete(.secrets, "root"), by: .init("ops"))),
      .edit(ObjectEdit(.rollBack(2), by: .init("ops"))),
    ])
    #expect(
      outcomes[0] == "1: unchanged secrets/root" && outcomes[1] == "2: unchanged secrets/root")
    #expect(canaries.allSatisfy { !shown.contains($0) })
    #expect(shown.contains("+value: ******** # another one"))
    #expect(outcomes[2] == "site.yaml:1:18: error: secrets/other has no value: apply it with one")
    #expect(outcomes[3] == "3: deleted secrets/root")
    #expect(outcomes[4].hasSuffix("secrets/root has no value: apply it with one"))
  }

  @Test func whatIsAppliedBringsItsFilesAndReadsNoneOfTheServers() throws {
    let bench = try ObjectBench()
    defer { bench.remove() }
    bench.write("not for you", to: "server.txt")
    let site = """
      profiles:
        debian:
          match: {architecture: [x86-64-efi]}
          script: main.ipxe
          answers: {preseed.cfg: seed/debian.preseed}
      """
    func files(_ main: String) -> [ObjectBundle.File] {
      [
        ObjectBundle.File(name: "./lab/site.yaml", text: site),
        ObjectBundle.File(name: "lab/main.ipxe", text: main),
        ObjectBundle.File(name: "lab/seed/debian.preseed", text: "d-i {{> disk }}\n"),
        ObjectBundle.File(name: "lab/disk.mustache", text: "partman {{values.disk}}"),
        ObjectBundle.File(name: "lab/unused.mustache", text: "x"),
      ]
    }
    let author = ObjectEdit.Author("ops")
    let outcomes = bench.play([
      .edit(ObjectEdit(.apply(files("#!ipxe\n{{nonsense}}\n"), prunes: false), by: author)),
      .edit(ObjectEdit(.apply(files("#!ipxe\nshell\n"), prunes: false), by: author)),
      .edit(.put(.profiles, "thief", #"{"script":"server.txt"}"#)),
      .edit(.put(.secrets, "thief", #"{"file":"server.txt"}"#)),
      .edit(.put(.answers, "thief", #"{"file":"/etc/hostname"}"#)),
      .edit(.apply("subnets: []\nmachine: []\n")),
    ])
    #expect(outcomes[0].hasPrefix("main.ipxe:2:"), "\(outcomes[0])")
    #expect(outcomes[1] == "1: created profiles/debian, created snippets/disk")
    #expect(outcomes[2].contains("an applied object reads no file of this box"))
    #expect(outcomes[3].contains("no value"))
    #expect(outcomes[4].contains("an applied object reads no file of this box"))
    #expect(
      outcomes[5] == """
        site.yaml:1:1: error: "subnets" is no object: it belongs into the file that bootwire serve was given
        site.yaml:2:1: error: unknown section "machine", expected one of machines, profiles, scripts, answers, hooks, snippets, keys, secrets; did you mean "machines"?
        """, "\(outcomes[5])")
  }
}
