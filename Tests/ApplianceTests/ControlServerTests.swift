import Boot
import EventLoop
import Foundation
import Logging
import Network
import Services
import Testing

@testable import Appliance

/// The control socket of a real appliance that answers on no interface.
@Suite("Control socket", .serialized) struct ControlServerTests {
  private final class Bench {
    let folder: String
    let appliance: Appliance
    var socket: String { folder + "/run/control.sock" }

    init(machines: [Machine] = []) throws {
      let folder = NSTemporaryDirectory() + "control-" + String(UUID().uuidString.prefix(8))
      self.folder = folder
      for name in ["state", "files", "run"] {
        try FileManager.default.createDirectory(
          atPath: folder + "/" + name, withIntermediateDirectories: true)
      }
      let settings = Settings(
        state: folder + "/state", files: folder + "/files", loaders: folder + "/loaders",
        control: folder + "/run/control.sock")
      appliance = try Appliance(loop: try EventLoop(), log: .text, level: .critical) {
        _, generation in
        LoadedConfiguration(
          settings: settings,
          catalog: Catalog(generation: generation, site: "here", machines: machines), warnings: [],
          refusedLoaders: [])
      }
      try appliance.start()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What comes until the other side closes.
    static func exchange(_ path: String, _ request: String) -> [UInt8] {
      var answer: [UInt8] = []
      guard let stream = try? ClientStream(path: path),
        (try? stream.send(Array(request.utf8))) != nil
      else { return answer }
      while let bytes = try? stream.receive(), !bytes.isEmpty { answer += bytes }
      return answer
    }

    /// The answers to these requests, each on a connection of its own, one after another.
    func ask(_ requests: [String]) -> [Answer] {
      let answers = Answers()
      let (path, loop) = (socket, appliance.loop)
      let asker = Thread {
        for request in requests {
          answers.add(Answer(Self.exchange(path, request)))
        }
        loop.stop()
      }
      asker.start()
      loop.run()
      appliance.stop()
      return answers.all
    }
  }

  private struct Answer: Sendable {
    let status: String
    let head: String
    let body: Data

    init(_ octets: [UInt8]) {
      let text = String(decoding: octets, as: UTF8.self)
      let parts = text.components(separatedBy: "\r\n\r\n")
      head = parts[0]
      status = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      body = Data(parts.dropFirst().joined(separator: "\r\n\r\n").utf8)
    }

    func read<Report: Decodable>(_ type: Report.Type) throws -> Report {
      try JSONDecoder().decode(type, from: body)
    }
  }

  private final class Answers: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Answer] = []

    func add(_ answer: Answer) { lock.withLock { list.append(answer) } }
    var all: [Answer] { lock.withLock { list } }
  }

  private static func get(_ path: String, _ method: String = "GET") -> String {
    "\(method) /api/v1\(path) HTTP/1.1\r\nHost: control\r\nConnection: close\r\n\r\n"
  }

  @Test func theApplianceTellsWhatItIs() throws {
    let answers = try Bench().ask([Self.get("/status"), Self.get("/leases")])
    #expect(answers.map(\.status) == ["200", "200"])
    let status = try answers[0].read(ControlReport.Status.self)
    #expect(status.site == "here" && status.generation == 1 && status.leases == 0)
    #expect(answers[0].head.contains("application/json"))
    #expect(answers[0].head.contains("Content-Length: \(answers[0].body.count)\r\n"))
    #expect(try answers[1].read([ControlReport.Lease].self).isEmpty)
  }

  @Test func onlyItsOwnerAndGroupMayAsk() throws {
    let bench = try Bench()
    let mode = try FileManager.default.attributesOfItem(atPath: bench.socket)[.posixPermissions]
    #expect(mode as? Int == 0o660)
    #expect(bench.ask([Self.get("/status")]).count == 1)
  }

  @Test func allTimelinesAreALineForEachMachine() throws {
    let named = MACAddress(0x52, 0x54, 0, 0, 0, 1)
    let bench = try Bench(machines: [Machine(name: "rack1", macAddress: named)])
    for number in 0..<2_000 as Range<UInt64> {
      let address = MACAddress(number: 0x5254_0000_0000 + number)
      for _ in 0..<(address == named ? 300 : 2) {
        bench.appliance.record(Event(.discoverReceived(nil), macAddress: address))
      }
    }
    bench.appliance.record(Event(.machineReported(text: "\u{1b}[2J"), macAddress: named))
    let answers = bench.ask([
      Self.get("/timeline"), Self.get("/timeline/rack1"), Self.get("/timeline/52:54:00:00:00:01"),
      Self.get("/timeline/nobody"), Self.get("/timeline/10.0.0.1"),
    ])
    #expect(answers.map(\.status) == ["200", "200", "200", "404", "404"])
    let all = try answers[0].read([ControlReport.Summary].self)
    #expect(all.count == 1024 && answers[0].body.count < 1024 * 256)
    let summary = try #require(all.first { $0.name == "rack1" })
    #expect(summary.mac == "52:54:00:00:00:01" && summary.event == "machine.reported")
    let one = try answers[1].read(ControlReport.Machine.self)
    #expect(one.name == "rack1" && one.entries.count == summary.entries)
    #expect(one.entries.count <= 256 && one.entries.first?.seconds == 0)
    #expect(one.entries.last?.fields.first?.contains("\u{1b}") == false)
    #expect(try answers[2].read(ControlReport.Machine.self).entries.count == one.entries.count)
  }

  @Test("Case 10: a host name that a stranger chose is one plain word in the list of leases")
  func hostileHostNamesAreListedPlain() throws {
    let bench = try Bench()
    for (number, text) in HostileLogTests.texts.prefix(250).enumerated() {
      bench.appliance.dhcp.restore(
        Lease(
          address: IPv4Address(10, 9, 0, UInt8(number + 1)),
          client: .hardware(MACAddress(number: UInt64(number))),
          expiry: bench.appliance.loop.now + .seconds(600), hostName: text))
    }
    let leases = try bench.ask([Self.get("/leases")])[0].read([ControlReport.Lease].self)
    #expect(leases.count == 250)
    for lease in leases {
      #expect(HostileLogTests.isPlain(lease.hostName ?? "\n"), "\(lease.address)")
    }
  }

  @Test func aLeaseIsEndedAndWhatIsNoneIsRefused() throws {
    let bench = try Bench()
    let (loop, address) = (bench.appliance.loop, IPv4Address(10, 9, 0, 7))
    bench.appliance.dhcp.restore(
      Lease(
        address: address, client: .hardware(MACAddress(number: 7)),
        expiry: loop.now + .seconds(600), hostName: Array("a\nb".utf8)))
    let answers = bench.ask([
      Self.get("/leases"), Self.get("/leases/10.9.0.8/release", "POST"),
      Self.get("/leases/ten/release", "POST"), Self.get("/leases/10.9.0.7/release"),
      Self.get("/leases/10.9.0.7/release", "POST"), Self.get("/leases/10.9.0.7/release", "POST"),
    ])
    #expect(answers.map(\.status) == ["200", "404", "400", "405", "200", "404"])
    let lease = try #require(try answers[0].read([ControlReport.Lease].self).first)
    #expect(lease.address == "10.9.0.7" && lease.hostName == "a\\nb")
    #expect((590...600).contains(lease.secondsLeft))
    #expect(try answers[1].read(APIProblem.self).detail == "10.9.0.8 is not leased")
  }

  @Test func aReloadIsAnsweredWithTheNewGeneration() throws {
    let answers = try Bench().ask([Self.get("/reload", "POST"), Self.get("/reload")])
    #expect(try answers[0].read(ControlReport.Status.self).generation == 2)
    #expect(answers[1].status == "405")
  }

  /// What is no request of ours, and its status; an empty one: closed without an answer.
  static let odd: [(request: String, status: String)] = [
    (closing("GET / HTTP/1.1"), "404"), (closing("GET /status HTTP/1.1"), "404"),
    (closing("GET /api/v1 HTTP/1.1"), "404"), (closing("GET /api/v1/status/x HTTP/1.1"), "404"),
    (closing("GET /api/v1/../v1/status HTTP/1.1"), "404"),
    (closing("GET /api/v1/%ff HTTP/1.1"), "400"), (closing("GET /api/v1/%0a HTTP/1.1"), "400"),
    (closing("GET /api/v1/status?x=1 HTTP/1.1"), "400"),
    (closing("DELETE /api/v1/status HTTP/1.1"), "405"),
    (closing("OPTIONS /api/v1/status HTTP/1.1"), "405"),
    ("POST /api/v1/reload HTTP/1.1\r\nHost: c\r\nContent-Length: 3\r\n\r\nabc", "413"),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: c\r\nContent-Length: 3\r\n\r\nabc", "415"),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: c\r\nContent-Length: 1073741824\r\n\r\n", "413"),
    ("POST /api/v1/tokens HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n", "501"),
    (closing("POST /api/v1/tokens HTTP/1.1"), "411"),
    ("nonsense\r\n\r\n", "400"), ("GET /status HTTP/9.9\r\n\r\n", "505"),
    ("GET /status HTTP/1.1\r\n\r\n", "400"),
    ("GET /" + String(repeating: "a", count: 9_000) + " HTTP/1.1\r\n\r\n", "414"),
  ]

  private static func closing(_ line: String) -> String {
    "\(line)\r\nHost: control\r\nConnection: close\r\n\r\n"
  }

  @Test func whatIsNoRequestIsRefusedAndTheNextIsAnswered() throws {
    let answers = try Bench().ask(Self.odd.map(\.request) + [Self.get("/status")])
    #expect(answers.dropLast().map(\.status) == Self.odd.map(\.status))
    #expect(answers.last?.status == "200")
  }
}
