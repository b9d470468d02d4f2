import Boot
import Bytes
import Network
import Services
import Testing
import Wire

@Suite("Case 47: a secret goes to its armed machine, once") struct InstallSecretTests {
  var bench = InstallBench()

  private static func answer(_ token: String, _ file: String = "preseed.cfg") -> String {
    "machines/\(token)/answers/\(file)"
  }

  @Test mutating func anArmedMachineGetsItsAnswerByItsToken() throws {
    let token = try bench.begin()
    #expect(token.utf8.count == 32)
    let script = bench.get("boot.ipxe") ?? ""
    #expect(script.contains("url=http://10.77.0.1/machines/\(token)/answers/preseed.cfg"))
    #expect(bench.get(Self.answer(token)) == "password \(InstallBench.canary)\n")
    #expect(bench.state == .installing)
    #expect(
      bench.factNames == [
        "script.rendered", "provision.changed", "secret.released", "answer.rendered",
      ])
    let hooks = bench.get("machines/\(token)/hooks/post-install") ?? ""
    #expect(hooks.contains("echo \(InstallBench.canary)"))
    // Those without secrets as often as the token lives.
    for _ in 0..<3 {
      #expect(bench.get(Self.answer(token, "plain.cfg")) == "report=/machines/\(token)/report\n")
      #expect(bench.get("machines/\(token)/hooks/first-boot")?.hasPrefix("#!/bin/sh\n") == true)
    }
  }

  @Test mutating func aSecondUseIsRefused() throws {
    let token = try bench.begin()
    for file in ["answers/preseed.cfg", "hooks/post-install"] {
      #expect(bench.get("machines/\(token)/\(file)") != nil)
      #expect(bench.get("machines/\(token)/\(file)") == nil)
    }
    #expect(bench.refusals == [.givenBefore, .givenBefore])
    // Armed again it has a new token, by which it is given once more.
    let next = try bench.begin()
    #expect(bench.get(Self.answer(token)) == nil)
    #expect(bench.get(Self.answer(next)) != nil)
    #expect(bench.refusals == [.unknownToken])
  }

  @Test mutating func aWrongTokenIsRefused() throws {
    let token = try bench.begin()
    let wrong = String(token.dropLast()) + (token.hasSuffix("0") ? "1" : "0")
    #expect(bench.get(Self.answer(wrong)) == nil)
    #expect(bench.get(Self.answer(token.uppercased() + "AB")) == nil)
    #expect(bench.get("machines/\(wrong)/hooks/post-install") == nil)
    #expect(bench.get("machines/\(wrong)/scripts/sub") == nil)
    #expect(bench.refusals == [.unknownToken, .unknownToken, .unknownToken])
    #expect(bench.state == .armed)
  }

  @Test mutating func theNameOpensNothingOfAnInstallation() throws {
    _ = try bench.begin()
    for file in ["answers/preseed.cfg", "answers/plain.cfg", "hooks/post-install"] {
      #expect(bench.get("machines/rack3-07/\(file)") == nil)
      #expect(bench.get("machines/52-54-00-12-34-56/\(file)") == nil)
    }
    #expect(bench.refusals == [AnswerRefusal](repeating: .named, count: 6))
    #expect(bench.state == .armed)
  }

  @Test mutating func anotherMachineWithTheTokenIsRefused() throws {
    let token = try bench.begin()
    #expect(bench.get(Self.answer(token), from: InstallBench.otherAddress) == nil)
    // Nor where nobody is known to be: behind an address that was never leased.
    #expect(bench.get(Self.answer(token), from: IPv4Address(10, 77, 3, 3)) == nil)
    #expect(bench.refusals == [.otherMachine, .unknownAddress])
    #expect(bench.get(Self.answer(token)) != nil)
  }

  @Test mutating func theMACInTheQueryGivesNobodyTheToken() throws {
    let token = try bench.arm()
    for source in [InstallBench.otherAddress, IPv4Address(10, 77, 3, 3)] {
      let script = bench.get("machines/52-54-00-12-34-56/boot.ipxe", from: source) ?? ""
      #expect(!script.contains(token) && !script.contains("/answers"))
      #expect(script.contains("echo bootwire: debian is not installed: "))
      #expect(script.contains("sanboot"))
    }
    #expect(bench.refusals == [.otherMachine, .unknownAddress])
    // The token is still nobody's, and the machine's own script has it.
    #expect(bench.get("boot.ipxe")?.contains(token) == true)
  }

  @Test mutating func aMachineThatShowsAnothersUUIDIsNotThatMachine() throws {
    let uuid = UUID(high: 1, low: 2)
    bench.catalog = InstallBench.catalog(
      machine: Machine(
        name: "rack3-07", macAddress: InstallBench.mac, uuid: uuid, profile: "debian"))
    let token = try bench.arm()
    bench.service.sightings.record(Sighting(macAddress: InstallBench.otherMAC, uuid: uuid))
    let script = bench.get("boot.ipxe", from: InstallBench.otherAddress) ?? ""
    #expect(!script.contains(token))
    #expect(bench.refusals == [.otherMachine])
  }

  @Test mutating func toldByItsUUIDTheTokenIsTheFirstHardwares() throws {
    let uuid = UUID(high: 1, low: 2)
    bench.catalog = InstallBench.catalog(
      machine: Machine(name: "rack3-07", uuid: uuid, profile: "debian"))
    bench.service.sightings.record(Sighting(macAddress: InstallBench.mac, uuid: uuid))
    let token = try bench.begin()
    bench.service.sightings.record(Sighting(macAddress: InstallBench.otherMAC, uuid: uuid))
    let script = bench.get("boot.ipxe", from: InstallBench.otherAddress) ?? ""
    #expect(!script.contains(token))
    #expect(bench.get(Self.answer(token), from: InstallBench.otherAddress) == nil)
    #expect(bench.refusals == [.otherMachine, .otherMachine])
    #expect(bench.get(Self.answer(token)) != nil)
  }

  @Test mutating func behindAnotherPortOfTheRelayItIsRefused() throws {
    bench.service.sightings.record(Sighting(macAddress: InstallBench.mac, relayPort: [0x70, 0x31]))
    let token = try bench.begin()
    bench.service.sightings.record(Sighting(macAddress: InstallBench.mac, relayPort: [0x70, 0x32]))
    #expect(bench.get(Self.answer(token)) == nil)
    #expect(bench.get("boot.ipxe")?.contains(token) == false)
    #expect(bench.refusals == [.otherPort, .otherPort])
    // A renewal past the relay says no port, and does not count as another one.
    bench.service.sightings.record(Sighting(macAddress: InstallBench.mac))
    #expect(bench.get(Self.answer(token)) != nil)
  }

  @Test mutating func afterExpiryNothingIsGiven() throws {
    let token = try bench.begin()
    bench.now = bench.now + .seconds(7200)
    // At the instant itself, before the timer was heard, and after it.
    #expect(bench.get(Self.answer(token)) == nil)
    bench.take(bench.service.timeout(at: bench.now))
    #expect(bench.get(Self.answer(token)) == nil)
    #expect(bench.refusals == [.expired, .unknownToken])
    #expect(bench.state == .approved)
    #expect(bench.service.nextDeadline == nil)
  }

  @Test mutating func anInstallerThatSaysNothingHasFailed() throws {
    let token = try bench.begin()
    _ = bench.get(Self.answer(token))
    bench.now = bench.now + .seconds(7200)
    bench.take(bench.service.timeout(at: bench.now))
    #expect(bench.state == .failed)
    #expect(bench.report("state=installed", token) == .unknown)
  }

  @Test mutating func afterItsReportTheTokenIsSpent() throws {
    let token = try bench.begin()
    #expect(bench.report("state=installed", token) == .taken)
    #expect(bench.get(Self.answer(token)) == nil)
    #expect(bench.get(Self.answer(token, "plain.cfg")) == nil)
    #expect(bench.report("state=installed", token) == .unknown)
    #expect(bench.refusals == [.unknownToken, .unknownToken, .unknownToken])
  }

  @Test mutating func secretsDoNotGoByTFTP() throws {
    let token = try bench.begin()
    #expect(bench.get(Self.answer(token), port: 69) == nil)
    #expect(bench.get("machines/\(token)/hooks/post-install", port: 69) == nil)
    #expect(bench.refusals == [.byTFTP, .byTFTP])
    #expect(bench.state == .armed)
    #expect(bench.get(Self.answer(token, "plain.cfg"), port: 69) != nil)
  }

  @Test mutating func aHEADReleasesNothing() throws {
    let token = try bench.begin()
    let head = bench.get(Self.answer(token), isHead: true) ?? ""
    #expect(bench.state == .armed && bench.changes.count == 1)
    #expect(!bench.factNames.contains("secret.released"))
    #expect(bench.get(Self.answer(token)) == head)
    #expect(bench.get(Self.answer(token), isHead: true) == nil)
  }

  @Test mutating func whatCannotBeMadeIsNotSpent() throws {
    let token = try bench.begin()
    #expect(bench.get(Self.answer(token, "hole.cfg")) == nil)
    #expect(bench.get(Self.answer(token, "absent.cfg")) == nil)
    #expect(bench.get("machines/\(token)/hooks/whenever") == nil)
    #expect(bench.refusals == [.noSuchFile, .noSuchFile])
    #expect(bench.state == .armed)
  }

  @Test mutating func aCrashBetweenCommitAndAnswerNeverReleasesTwice() throws {
    let token = try bench.begin()
    // The changes were kept, the answer did not leave any more.
    _ = bench.get(Self.answer(token))
    var restarted = bench.restarted()
    #expect(restarted.state == .installing)
    #expect(restarted.get(Self.answer(token)) == nil)
    #expect(restarted.refusals == [.givenBefore])
    #expect(restarted.get("machines/\(token)/hooks/post-install") != nil)
    #expect(restarted.report("state=installed", token) == .taken)
  }

  @Test mutating func noEventShowsATokenOrASecret() throws {
    let token = try bench.begin()
    _ = bench.get("boot.ipxe")
    _ = bench.get(Self.answer(token))
    _ = bench.get(Self.answer(token))
    _ = bench.get("machines/\(token)/answers/\(token)")
    _ = bench.get("machines/\(token)/scripts/sub")
    _ = bench.get(Self.answer(token), from: InstallBench.otherAddress)
    _ = bench.report("state=installed", token)
    _ = bench.report("state=installed", token)
    #expect(bench.events.count > 8)
    for event in bench.events {
      for field in event.fact.fields {
        #expect(!field.printed.contains(token) && !field.printed.contains(InstallBench.canary))
      }
      let dump = "\(event)"
      #expect(!dump.contains(token) && !dump.contains(InstallBench.canary))
    }
    for change in bench.changes { #expect(!"\(change)".contains(token)) }
  }

  @Test(arguments: [
    "/machines/TOKEN/answers/missing", "/machines/TOKEN/report", "/machines/TOKEN",
    "/a/machines/TOKEN", "/machines/TOKEN/%zz", "/%6dachines/TOKEN/../x", "/machines/TOKEN%20/a",
    "/MACHINES/TOKEN%zz", "/machines//TOKEN/answers/x", "/machines/%66TOKEN/%",
  ]) func noNameOfARequestHoldsAToken(_ target: String) {
    let token = "0123456789abcdef0123456789abcdef"
    for token in [token, token.uppercased()] {
      var http = HTTPBench()
      _ = http.get(target.replacing("TOKEN", with: token))
      #expect(!http.facts.isEmpty || !http.resources.isEmpty)
      for fact in http.facts { #expect(!"\(fact)".contains(token), "\(fact)") }
    }
  }
}
