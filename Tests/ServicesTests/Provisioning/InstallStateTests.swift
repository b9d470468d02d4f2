import Boot
import Network
import Services
import Testing

@Suite("Case 48: what changes a machine's state needs its token") struct InstallStateTests {
  var bench = InstallBench()

  @Test mutating func onlyTheTokenReports() throws {
    let token = try bench.begin()
    for name in ["rack3-07", "52-54-00-12-34-56", "0123456789abcdef0123456789abcdef"] {
      #expect(bench.report("state=installed", name) == .unknown)
    }
    #expect(bench.report("state=failed", token, from: InstallBench.otherAddress) == .unknown)
    #expect(bench.refusals == [.named, .named, .unknownToken, .otherMachine])
    #expect(bench.state == .armed && bench.service.nodes.count == 0)
    #expect(bench.report("state=installing", token) == .taken)
    #expect(bench.state == .installing)
    #expect(bench.report("state=nonsense", token) == .malformed)
    #expect(bench.state == .installing)
    #expect(bench.report("state=installed", token) == .taken)
    #expect(bench.state == .installed)
  }

  @Test mutating func getsChangeNothingForWhoIsNotTheMachine() throws {
    let token = try bench.begin()
    _ = bench.get("machines/\(token)/answers/plain.cfg")
    #expect(bench.state == .installing)
    let before = bench.changes.count
    for source in [InstallBench.otherAddress, IPv4Address(10, 77, 3, 3)] {
      _ = bench.get("machines/52-54-00-12-34-56/boot.ipxe", from: source)
      _ = bench.get("machines/rack3-07/boot.ipxe", from: source)
      _ = bench.get("machines/rack3-07/scripts/sub", from: source)
      _ = bench.get("pxelinux.cfg/01-52-54-00-12-34-56", from: source)
      _ = bench.get("grub/grub.cfg-01-52-54-00-12-34-56", from: source, port: 69)
    }
    #expect(bench.changes.count == before && bench.state == .installing)
  }

  @Test mutating func bootedAgainWhileInstallingItHasFailedAndBootsLocally() throws {
    let token = try bench.begin()
    _ = bench.get("machines/\(token)/answers/plain.cfg")
    let script = bench.get("boot.ipxe") ?? ""
    #expect(bench.state == .failed)
    #expect(script.contains("not armed to install debian: it is failed"))
    #expect(script.contains("sanboot --no-describe --drive 0x80") && !script.contains(token))
    #expect(bench.get("machines/\(token)/answers/plain.cfg") == nil)
  }

  @Test mutating func subScriptsAreNoNewBoot() throws {
    let token = try bench.begin()
    for name in ["rack3-07", token] {
      let script = bench.get("machines/\(name)/scripts/sub")
      #expect(script == "#!ipxe\necho /machines/\(token)/answers\n")
    }
    _ = bench.get("machines/\(token)/answers/plain.cfg")
    #expect(bench.get("machines/\(token)/scripts/sub") != nil)
    #expect(bench.state == .installing)
  }

  @Test mutating func oneInstallationFromArmingToNode() throws {
    let token = try bench.begin()
    _ = bench.get("machines/\(token)/answers/preseed.cfg")
    #expect(
      bench.report(
        """
        state=installed
        hostname=web1
        address=10.77.0.7
        address=10.77.0.1
        address=10.77.0.9
        address=192.0.2.1
        os=Debian 12
        host-key=\(ProvisionReportTests.key)
        """, token) == .taken)
    let node = try #require(bench.service.nodes["rack3-07"])
    // Neither ours, nor another's lease, nor one of elsewhere.
    #expect(node.addresses == [InstallBench.address])
    #expect(node.hostName == "web1" && node.site == "nbg1" && node.hostKeys.count == 1)
    #expect(bench.factNames.suffix(2) == ["provision.changed", "node.registered"])
    let script = bench.get("boot.ipxe") ?? ""
    #expect(script.contains("it is installed") && script.contains("sanboot"))
    #expect(bench.restarted().service.nodes["rack3-07"] == node)
    #expect(bench.restarted().state == .installed)
  }

  @Test mutating func firstContactInstallsWhoWasNeverProvisioned() throws {
    bench.catalog = InstallBench.catalog([InstallBench.profile(arm: .firstContact)])
    let script = bench.get("boot.ipxe") ?? ""
    let token = try #require(bench.service.provisions["rack3-07"]?.arming?.token.text)
    #expect(script.contains(token) && bench.state == .armed)
    #expect(bench.get("boot.ipxe") == script)
    #expect(bench.report("state=installed", token) == .taken)
    #expect(bench.get("boot.ipxe")?.contains("sanboot") == true)
    #expect(bench.state == .installed)
    #expect(bench.restarted().state == .installed)
  }

  @Test mutating func aPeekAtFirstContactArmsNobody() throws {
    bench.catalog = InstallBench.catalog([InstallBench.profile(arm: .firstContact)])
    let head = bench.get("boot.ipxe", isHead: true) ?? ""
    #expect(bench.state == nil && bench.changes.isEmpty)
    #expect(bench.get("boot.ipxe")?.utf8.count == head.utf8.count)
  }

  @Test mutating func firstContactIsNotBegunInAnothersName() throws {
    bench.catalog = InstallBench.catalog([InstallBench.profile(arm: .firstContact)])
    _ = bench.get(
      "machines/52-54-00-12-34-56/boot.ipxe", from: IPv4Address(10, 77, 3, 3))
    #expect(bench.state == nil && bench.changes.isEmpty)
  }

  @Test mutating func armedForOneProfileNoOtherInstalls() throws {
    let token = try bench.begin()
    bench.catalog = InstallBench.catalog(
      [InstallBench.profile(), InstallBench.profile("ubuntu")],
      machine: Machine(name: "rack3-07", macAddress: InstallBench.mac, profile: "ubuntu"))
    let script = bench.get("boot.ipxe") ?? ""
    #expect(!script.contains(token) && script.contains("armed to install debian, not ubuntu"))
    #expect(bench.get("machines/\(token)/answers/plain.cfg") != nil)
  }

  @Test mutating func whoCannotBeArmedIsSaid() throws {
    #expect(throws: ArmingRefusal.unknownMachine) { try bench.arm("nobody") }
    #expect(throws: ArmingRefusal.unknownMachine) { try bench.arm("52-54-00-00-00-09") }
    bench.catalog = InstallBench.catalog([Profile(name: "debian", boot: .local)])
    #expect(throws: ArmingRefusal.nothingToInstall(profile: "debian")) { try bench.arm() }
    #expect(bench.changes.isEmpty)
  }

  @Test mutating func profilesThatInstallNothingAreAsBefore() throws {
    var profile = InstallBench.profile()
    profile.install = nil
    profile.answers = ["plain.cfg": InstallBench.template("{{machine.report}}")]
    profile.hooks = []
    bench.catalog = InstallBench.catalog([profile])
    #expect(bench.get("machines/rack3-07/answers/plain.cfg") == "/machines/rack3-07/report")
    #expect(bench.get("machines/rack3-07/hooks/first-boot")?.hasPrefix("#!/bin/sh") == true)
    #expect(bench.report("hello", "rack3-07") == .taken)
    #expect(bench.events.last?.fact == .machineReported(text: "hello"))
    #expect(bench.events.last?.macAddress == InstallBench.mac)
    // In another's name it is the sender's own word, and what is kept of it is short.
    let long = String(repeating: "x", count: 16 * 1024)
    #expect(bench.report(long, "rack3-07", from: InstallBench.otherAddress) == .taken)
    #expect(bench.events.last?.macAddress == InstallBench.otherMAC)
    #expect(
      bench.events.last?.fact == .machineReported(text: String(repeating: "x", count: 512)))
    let count = bench.events.count
    #expect(bench.report(long + "x", "rack3-07") == .malformed && bench.events.count == count)
    #expect(bench.changes.isEmpty)
  }

  /// By TFTP and without iPXE: the menu has the token too, and begins what the script begins.
  @Test(arguments: ["pxelinux.cfg/01-52-54-00-12-34-56", "grub/grub.cfg-01-52-54-00-12-34-56"])
  mutating func menusInstallUnderTheSameConditions(_ name: String) throws {
    #expect(bench.get(name, port: 69)?.contains("linux") == false)
    let token = try bench.arm()
    #expect(bench.get(name, port: 69)?.contains("/machines/\(token)/answers") == true)
    #expect(bench.get(name, from: InstallBench.otherAddress, port: 69)?.contains(token) == false)
    _ = bench.get("machines/\(token)/answers/plain.cfg")
    #expect(bench.get(name, port: 69)?.contains(token) == false)
    #expect(bench.state == .failed)
  }
}
