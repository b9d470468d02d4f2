import Boot
import Network
import Services
import Testing

@Suite("Machines that nobody named") struct DiscoveryTests {
  var bench = InstallBench(
    InstallBench.catalog(
      [], defaultProfile: .profile("discover"), machine: Machine(name: "none")))
  private static let name = InstallBench.mac.dashed

  @Test mutating func aMachineShowsItselfWaitsAndLeaves() throws {
    let first = bench.get("boot.ipxe") ?? ""
    #expect(
      first.hasPrefix(
        """
        #!ipxe
        chain --replace http://10.77.0.1/boot.ipxe?mac=\(Self.name)&round=0&uuid=${uuid:uristring}\
        &serial=${serial:uristring}&manufacturer=${manufacturer:uristring}\
        &product=${product:uristring}&asset=${asset:uristring} || goto local
        :local
        """))
    #expect(bench.changes.isEmpty)
    let facts = ["manufacturer": "ACME", "serial": "S 1"]
    for round in 0..<3 {
      let script = bench.get("boot.ipxe", ScriptQuery(facts: facts, round: round)) ?? ""
      #expect(script.contains("prompt --timeout 20000 bootwire: asking again"))
      #expect(script.contains("bootwire approve \(Self.name) NAME"))
      #expect(script.contains("&round=\(round + 1)&"))
    }
    let last = bench.get("boot.ipxe", ScriptQuery(facts: facts, round: 3)) ?? ""
    #expect(!last.contains("prompt") && last.contains("sanboot"))
    let row = try #require(bench.service.provisions[Self.name])
    #expect(row.state == .discovered && row.facts == facts && row.site == "nbg1")
    // Registered once, however often it asks.
    #expect(bench.changes.count == 1)
    #expect(bench.factNames.count { $0 == "provision.changed" } == 1)
  }

  @Test mutating func theWaitingMachineSeesItsApproval() throws {
    _ = bench.get("boot.ipxe", ScriptQuery(facts: ["serial": "S1"], round: 0))
    bench.catalog = InstallBench.catalog(defaultProfile: .profile("discover"))
    bench.take(
      bench.service.approve(
        InstallBench.mac, as: "rack3-07", "operator", bench.catalog, at: bench.now))
    #expect(bench.state == .approved)
    #expect(
      bench.get("boot.ipxe", ScriptQuery(round: 1))?.contains("it is approved") == true)
    let token = try bench.arm()
    #expect(bench.get("boot.ipxe", ScriptQuery(round: 2))?.contains(token) == true)
    #expect(bench.service.provisions["rack3-07"]?.facts == ["serial": "S1"])
  }

  @Test mutating func nobodyIsRegisteredInAnothersName() {
    _ = bench.get(
      "machines/02-00-00-00-00-aa/boot.ipxe", ScriptQuery(round: 0),
      from: InstallBench.otherAddress)
    #expect(bench.changes.isEmpty)
    // Who has no address of ours where we give them is nobody.
    let stranger = IPv4Address(192, 0, 2, 7)
    let path = "machines/02-00-00-00-00-aa/boot.ipxe"
    _ = bench.get(path, ScriptQuery(facts: ["serial": "1"], round: 0), from: stranger)
    #expect(bench.changes.isEmpty)
    // Beside another server it is taken at its word, once: it gets nothing by that.
    bench.catalog = Self.proxied
    for serial in ["1", "2"] {
      _ = bench.get(path, ScriptQuery(facts: ["serial": serial], round: 0), from: stranger)
    }
    let row = bench.service.provisions["02-00-00-00-00-aa"]
    #expect(row?.state == .discovered && row?.facts == ["serial": "1"])
  }

  private static let proxied = InstallBench.catalog(
    [], defaultProfile: .profile("discover"), machine: Machine(name: "none"), dhcp: .proxy)

  @Test mutating func aFloodOfMachinesStaysBounded() {
    bench.catalog = Self.proxied
    for number in 0..<5000 {
      let mac = MACAddress(number: 0x0200_0000_0000 + UInt64(number))
      _ = bench.get(
        "machines/\(mac.dashed)/boot.ipxe", ScriptQuery(round: 0),
        from: IPv4Address(192, 0, 2, 7))
    }
    #expect(bench.service.provisions.count == 4096)
    #expect(bench.service.provisions["02-00-00-00-00-00"] == nil)
    #expect(bench.service.provisions["02-00-00-00-13-87"] != nil)
  }

  @Test mutating func programsWithoutIPXEsLanguageRegisterToo() throws {
    let menu = bench.get("pxelinux.cfg/01-52-54-00-12-34-56", port: 69) ?? ""
    #expect(menu.contains("is not known here") && menu.contains("LOCALBOOT 0"))
    #expect(bench.service.provisions[Self.name]?.state == .discovered)
  }

  @Test(arguments: [
    ("/boot.ipxe?mac=52-54-00-12-34-56&round=0&serial=a%20b&x=y", "a b", 0 as Int?),
    // iPXE of 2019 decodes a `%26` that it encoded: what follows says nothing new.
    ("/boot.ipxe?mac=52-54-00-12-34-56&serial=a&mac=02-00-00-00-00-01&serial=b", "a", nil),
    ("/boot.ipxe?round=999&serial=%ff&round=1&mac=52-54-00-12-34-56", "\u{fffd}", nil),
    ("/boot.ipxe?round=-1&serial=a=b&mac=52-54-00-12-34-56", "a=b", nil),
  ]) func theQueryIsRead(_ target: String, _ serial: String, _ round: Int?) {
    var http = HTTPBench()
    _ = http.get(target)
    #expect(
      http.resources == [
        .script(
          machine: "52-54-00-12-34-56", ScriptQuery(facts: ["serial": serial], round: round))
      ])
  }
}

@Suite("Menus on the screen") struct BootMenuTests {
  static let menu = BootMenu(
    title: "rack ${3}; \"x\"", entries: ["rescue", "debian", "local"], chosen: "debian",
    timeout: .seconds(5))
  var bench = InstallBench(
    InstallBench.catalog(
      [
        Profile(name: "choice", boot: .menu(menu)),
        Profile(name: "rescue", boot: .script(Template(verbatim: "#!ipxe\necho rescue\n"))),
        Profile(name: "other", boot: .script(Template(verbatim: "#!ipxe\necho other\n"))),
        InstallBench.profile(),
      ],
      machine: Machine(name: "rack3-07", macAddress: InstallBench.mac, profile: "choice")))

  @Test mutating func theMenuAsksForWhatIsChosen() throws {
    let script = bench.get("boot.ipxe") ?? ""
    let url = "http://10.77.0.1/boot.ipxe?mac=52-54-00-12-34-56&profile="
    #expect(
      script.hasPrefix(
        """
        #!ipxe
        menu bootwire: rack _{3}_ _x_
        item entry0 rescue
        item entry1 debian
        item entry2 local
        choose --default entry1 --timeout 5000 entry || goto local
        goto ${entry}
        :entry0
        chain --replace \(url)rescue || goto local
        :entry1
        chain --replace \(url)debian || goto local
        :entry2
        chain --replace \(url)local || goto local
        :local
        """))
  }

  @Test mutating func onlyEntriesOfItsMenuAreHonoured() throws {
    #expect(
      bench.get("boot.ipxe", ScriptQuery(profile: "rescue")) == "#!ipxe\necho rescue\n")
    #expect(bench.get("boot.ipxe", ScriptQuery(profile: "local"))?.contains("sanboot") == true)
    for name in ["other", "choice", "", "no-such"] {
      #expect(
        bench.get("boot.ipxe", ScriptQuery(profile: name))?.contains("choose ") == true)
    }
  }

  @Test mutating func anEntryThatInstallsNeedsItsArming() throws {
    #expect(
      bench.get("boot.ipxe", ScriptQuery(profile: "debian"))?.contains("not armed") == true)
    let token = try bench.arm()
    #expect(bench.get("boot.ipxe", ScriptQuery(profile: "debian"))?.contains(token) == true)
    #expect(bench.get("machines/\(token)/answers/plain.cfg") != nil)
  }

  @Test mutating func withoutAScreenToChooseOnTheDefaultBoots() throws {
    let name = "pxelinux.cfg/01-52-54-00-12-34-56"
    #expect(bench.get(name, port: 69)?.contains("LOCALBOOT 0") == true)
    let token = try bench.arm()
    #expect(bench.get(name, port: 69)?.contains(token) == true)
  }
}
