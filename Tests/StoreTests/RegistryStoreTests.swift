import Boot
import Foundation
import Network
import Store
import Testing

@Suite("Registry store") struct RegistryStoreTests {
  let folder: Folder
  let clock = ClockReading.at(monotonic: 1000, wall: 1_800_000_000, boot: "one")

  init() throws { folder = try Folder() }

  private func open(_ clock: ClockReading? = nil) throws -> RegistryStore.Opened {
    try RegistryStore.open(at: folder.registry, clock: clock ?? self.clock)
  }

  @Test func provisionsAndNodesComeBackAsTheyWereKept() throws {
    var armed = Provision.numbered(1)
    armed.arming?.released = ["preseed.cfg", "post-install"]
    armed.arming?.relayPort = [0, 1, 255]
    armed.facts = ["manufacturer": "ACME \u{0} \"x\"", "": "empty"]
    // Before the start of this box.
    armed.since = Instant(nanoseconds: -5_000_000_000)
    let plain = Provision(
      machine: "52-54-00-00-00-09", site: "fra1", state: .discovered, since: .start,
      cause: "first contact")
    let node = ProvisionedNode(
      name: "m1", site: "nbg1", macAddress: MACAddress(number: 5), hostName: "m1.lab",
      addresses: [IPv4Address(10, 0, 0, 1), .broadcast],
      hostKeys: [HostKey(algorithm: "ssh-ed25519", encoded: "AAAA")],
      pendingHostKeys: [HostKey(algorithm: "ssh-rsa", encoded: "BBBB")], system: "Debian 12",
      facts: ["cpu": "8"], installed: .start + .seconds(7), reachability: .reachable(.start))
    var opened = try open()
    #expect(opened.contents.provisions.isEmpty && opened.contents.generation == 0)
    try opened.store.commit([.provision(plain), .provision(armed), .node(node)], clock: clock)
    opened = try open()
    #expect(opened.contents.provisions == [plain, armed])
    #expect(opened.contents.nodes == [node])
    #expect(opened.contents.unreadableRows == 0 && opened.setAside == nil)
    try opened.store.commit(
      [.forgetProvision(machine: armed.machine), .forgetNode(name: "m1")], clock: clock)
    #expect(try open().contents.provisions == [plain] && open().contents.nodes.isEmpty)
  }

  @Test func nobodyElseMayReadTheFile() throws {
    _ = FileManager.default.createFile(
      atPath: folder.registry, contents: nil, attributes: [.posixPermissions: 0o644])
    let store = try open().store
    try store.commit([.provision(.numbered(1))], clock: clock)
    for name in try folder.names() {
      let path = folder.path + "/" + name
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
      #expect(mode as? Int == 0o600, "\(name)")
    }
  }

  @Test func everyChangeOfStateIsALineOfTheHistory() throws {
    let store = try open().store
    var provision = Provision.numbered(1)
    try store.commit([.provision(provision)], clock: clock)
    // The same again: a file was released, say. The wall clock was corrected by a little.
    provision.arming?.released = ["preseed.cfg"]
    let later = ClockReading.at(monotonic: 1010, wall: 1_800_000_011, boot: "one")
    try store.commit([.provision(provision)], clock: later)
    provision.state = .installing
    provision.since = later.now
    provision.cause = "preseed.cfg taken"
    try store.commit(
      [
        .provision(provision),
        .entry(
          ProvisionEntry(
            machine: "m1", time: later.now, state: .installing, cause: "secret released")),
        .entry(ProvisionEntry(machine: "nobody", time: later.now, state: .failed, cause: "x")),
      ], clock: later)
    let entries = try store.entries(of: "m1", clock: later)
    #expect(entries.map(\.cause) == ["secret released", "preseed.cfg taken", "operator"])
    #expect(entries.map(\.state) == [.installing, .installing, .armed])
    #expect(entries.map(\.time).first == later.now)
    #expect(try store.entries(of: "nobody", clock: later).isEmpty)
  }

  @Test func aHistoryIsBounded() throws {
    let store = try open().store
    try store.commit([.provision(.numbered(1))], clock: clock)
    let lines = (0..<300).map {
      ProvisionEntry(machine: "m1", time: clock.now, state: .failed, cause: "\($0)")
    }
    try store.commit(lines.map { .entry($0) }, clock: clock)
    let entries = try store.entries(of: "m1", clock: clock)
    #expect(entries.count == 256 && entries.first?.cause == "299" && entries.last?.cause == "44")
    try store.commit([.forgetProvision(machine: "m1")], clock: clock)
    #expect(try store.entries(of: "m1", clock: clock).isEmpty)
  }

  @Test func tokensComeBackAndAreForgotten() throws {
    let store = try open().store
    let one = TokenRow(
      id: "a", name: "ci", role: "operator", site: "nbg1", digest: Array(repeating: 7, count: 32),
      created: UnixTime(seconds: 1), expires: UnixTime(seconds: 2), lastUsed: UnixTime(seconds: 3))
    let other = TokenRow(
      id: "b", name: "", role: "admin", digest: Array(repeating: 8, count: 32),
      created: UnixTime(seconds: 0))
    try store.keep(one, clock: clock)
    try store.keep(other, clock: clock)
    #expect(try open().contents.tokens == [other, one])
    try store.forgetToken("b", clock: clock)
    #expect(try open().contents.tokens == [one])
  }

  // Objects

  private func write(_ name: String, _ text: String?) -> ObjectWrite {
    ObjectWrite(kind: .machines, name: name, text: text)
  }

  @Test func anEditIsAGenerationToWhichOneCanGoBack() throws {
    let store = try open().store
    func edit(_ writes: [ObjectWrite], after generation: UInt64) throws -> UInt64? {
      try store.commit(
        writes, after: generation, author: "ops", note: "note", clock: clock)
    }
    #expect(try edit([write("a", "1"), write("b", "1")], after: 0) == 1)
    #expect(try edit([write("a", "2"), write("c", "2")], after: 1) == 2)
    #expect(try edit([write("b", nil)], after: 2) == 3)
    #expect(try edit([write("a", "9")], after: 2) == nil, "another edit was made since")
    let (now, generation) = try store.objects()
    #expect(generation == 3)
    #expect(now.map { "\($0.name)\($0.text)@\($0.generation)" } == ["a2@2", "c2@2"])
    func names(_ generation: UInt64) throws -> [String]? {
      try store.objects(at: generation)?.map { $0.name + $0.text }
    }
    #expect(try names(1) == ["a1", "b1"])
    #expect(try names(2) == ["a2", "b1", "c2"])
    #expect(try names(3) == ["a2", "c2"])
    #expect(try names(0) == nil && names(4) == nil)
    #expect(try store.generations(limit: 2).map(\.number) == [3, 2])
    #expect(try store.generations(before: 2, limit: 9).map(\.number) == [1])
    #expect(try store.generations(limit: 1).first?.author == "ops")
    let steps = try #require(try store.steps(of: 2)?.1)
    #expect(
      steps.map { "\($0.name) \($0.before ?? "-") \($0.after ?? "-")" } == ["a 1 2", "c - 2"])
    #expect(try store.steps(of: 3)?.1.first?.before == "1")
    #expect(try store.steps(of: 9) == nil)
  }

  @Test func anEditAndWhatItChangesOfMachinesAreOneTransaction() throws {
    let store = try open().store
    _ = try store.commit(
      [write("a", "{}")], [.provision(.numbered(1))], after: 0, author: "ops", note: "",
      clock: clock)
    #expect(try open().contents.provisions.map(\.machine) == ["m1"])
    #expect(try open().contents.generation == 1)
  }

  @Test func aSecretsValueIsInNoHistory() throws {
    let canary = "canary-\(UUID().uuidString)"
    do {
      let store = try open().store
      let secret = ObjectWrite(
        kind: .secrets, name: "root", text: "{}", value: Secret.Text(canary))
      _ = try store.commit([secret], after: 0, author: "ops", note: "", clock: clock)
      #expect(try store.objects().0.first?.value == Secret.Text(canary))
      #expect(try store.objects(at: 1)?.first?.value == nil)
      // Without a value it keeps the one that it has.
      let again = ObjectWrite(kind: .secrets, name: "root", text: "{\"site\":\"x\"}")
      _ = try store.commit([again], after: 1, author: "ops", note: "", clock: clock)
      #expect(try store.objects().0.first?.value == Secret.Text(canary))
      #expect(try !"\(store.objects())".contains(canary))
      let gone = ObjectWrite(kind: .secrets, name: "root", text: nil)
      _ = try store.commit([gone], after: 2, author: "ops", note: "", clock: clock)
      #expect(try store.objects(at: 2)?.count == 1)
    }
    // The log is gone with the last connection, and what was deleted is overwritten.
    let octets = try Data(contentsOf: URL(fileURLWithPath: folder.registry))
    #expect(octets.range(of: Data(canary.utf8)) == nil)
  }

  // Damage

  @Test func whatADamagedRegistryStillGivesIsTakenOver() throws {
    do {
      let store = try open().store
      _ = try store.commit(
        (1...3000).map { write("m\($0)", "{\"mac\":\"\($0)\"}") }, after: 0, author: "ops",
        note: "", clock: clock)
      try store.commit((1...500).map { .provision(.numbered($0)) }, clock: clock)
    }
    var octets = try Data(contentsOf: URL(fileURLWithPath: folder.registry))
    let end = octets.count
    octets.replaceSubrange(end - 16384..<end, with: Data(repeating: 0xa5, count: 16384))
    try octets.write(to: URL(fileURLWithPath: folder.registry))
    let opened = try open()
    let setAside = try #require(opened.setAside)
    #expect(setAside.salvaged > 1000)
    #expect(opened.contents.generation == 1)
    let (objects, generation) = try opened.store.objects()
    #expect(objects.count > 1000 && generation == 1)
    _ = try opened.store.commit(
      [write("new", "{}")], after: 1, author: "ops", note: "", clock: clock)
    #expect(try open().store.objects().0.count == objects.count + 1)
  }

  @Test(arguments: [0, 1, 16, 20, 100, 512, 4095, 4096, 5000, 12_288])
  func aTruncatedRegistryNeverStopsAStart(_ count: Int) throws {
    do { try open().store.commit((1...99).map { .provision(.numbered($0)) }, clock: clock) }
    let octets = try Data(contentsOf: URL(fileURLWithPath: folder.registry))
    try octets.prefix(count).write(to: URL(fileURLWithPath: folder.registry))
    try open().store.commit([.provision(.numbered(1))], clock: clock)
    #expect(try open().contents.provisions.contains(.numbered(1)))
  }

  @Test func rowsThatMakeNoSenseAreCountedAndSkipped() throws {
    do { try open().store.commit([.provision(.numbered(1))], clock: clock) }
    do {
      let connection = try Connection(folder.registry, .readWrite)
      for values in [
        "x'61', x'', -1, x'61726d6564', 0, x'', x'', x'', x'', 0, 0, x'', x''",
        "x'62', x'', NULL, x'6e6f6e65', 0, x'', x'', x'', x'', 0, 0, x'', x''",
        "x'63', x'', NULL, x'61726d6564', 0, x'', x'00000009', x'', x'', 0, 0, x'', x''",
        "x'64', x'', NULL, x'61726d6564', 0, x'', x'', x'ff', x'', 0, 0, x'', x''",
        "x'', x'', NULL, x'61726d6564', 0, x'', x'', x'', x'', 0, 0, x'', x''",
      ] { try connection.execute("INSERT INTO provision VALUES (\(values))") }
      try connection.execute(
        "INSERT INTO provision VALUES (x'65', x'', NULL, x'61726d6564', 9223372036854775807, x'',"
          + " x'', CAST('\(String(repeating: "a", count: 32))' AS BLOB), x'',"
          + " 9223372036854775806, -5, x'', x'')")
      try connection.execute(
        "INSERT INTO node VALUES (x'61', x'', NULL, x'', x'01', x'', x'', x'', x'', 0, 0, 0)")
      try connection.execute("INSERT INTO token VALUES (x'61', x'', x'', NULL, x'00', 0, NULL, 0)")
    }
    // The wall clock was set, so every row is moved, the damaged ones too.
    let contents = try open(.at(monotonic: 1001, wall: 5, boot: "one")).contents
    #expect(contents.unreadableRows == 7)
    #expect(contents.provisions.map(\.machine) == ["e", "m1"])
  }

  @Test func aNewerRegistryIsRefusedInOneClearSentence() throws {
    do {
      _ = try open()
      let connection = try Connection(folder.registry, .readWrite)
      try connection.execute("PRAGMA user_version=77")
    }
    let error = try #require(throws: StoreError.self) { _ = try open() }
    #expect(error.kind == .newerSchema && error.description.contains("version 77"))
    #expect(try folder.names() == ["registry.sqlite"])
  }

  @Test func aRegistryTakenAwayIsNoticedAndMadeAnew() throws {
    let store = try open().store
    try store.commit([.provision(.numbered(1))], clock: clock)
    for name in try folder.names() {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    let error = #expect(throws: StoreError.self) {
      try store.commit([.provision(.numbered(2))], clock: clock)
    }
    #expect(error?.kind == .removed)
    try store.commit([.provision(.numbered(1)), .provision(.numbered(2))], clock: clock)
    #expect(try open().contents.provisions.count == 2)
  }
}
