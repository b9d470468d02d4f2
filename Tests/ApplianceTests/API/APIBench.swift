import Boot
import Dispatch
import EventLoop
import Foundation
import Logging
import Network
import TLS

@testable import Appliance

/// A real appliance with an admin listener on loopback, and clients that ask it by TLS.
final class APIBench {
  let folder: String
  let appliance: Appliance
  /// Texts of tokens by the names that the tests give them.
  private var texts: [String: String] = [:]

  /// Made once: an authority's key takes its time.
  private static let authority = Result { () throws -> (pem: [UInt8], identity: TLSIdentity) in
    let authority = try CertificateAuthority(name: "test")
    let names = CertificateAuthority.Names(dns: [], addresses: [IPv4Address(127, 0, 0, 1)])
    return (authority.certificate, try authority.issue(.ecdsa, for: names))
  }

  init(catalog: @escaping @Sendable (UInt64) -> Catalog = { Catalog(generation: $0, site: "here") })
    throws
  {
    let folder = NSTemporaryDirectory() + "api-" + String(UUID().uuidString.prefix(8))
    self.folder = folder
    for name in ["state", "files", "run"] {
      try FileManager.default.createDirectory(
        atPath: folder + "/" + name, withIntermediateDirectories: true)
    }
    let settings = Settings(
      state: folder + "/state", files: folder + "/files", loaders: folder + "/loaders",
      control: folder + "/run/control.sock",
      admin: AdminSettings(
        place: Endpoint(IPv4Address(127, 0, 0, 1), 0),
        identities: [try Self.authority.get().identity]))
    appliance = try Appliance(loop: try EventLoop(), log: .text, level: .critical) {
      _, generation in
      LoadedConfiguration(
        settings: settings, catalog: catalog(generation), warnings: [], refusedLoaders: [])
    }
    try appliance.start()
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Makes a token as the API would.
  func add(_ name: String, _ role: Role, site: String? = nil) throws {
    let text = AccessToken.text(dice: Appliance.rollDice)
    guard let digest = AccessToken.digest(of: Array(text.utf8)) else {
      throw APIFailure("no digest")
    }
    texts[name] = text
    appliance.api?.tokens.add(
      AccessToken(
        id: AccessToken.id(dice: Appliance.rollDice), name: name, role: role, site: site,
        digest: digest,
        created: appliance.loop.wallClock))
  }

  func text(_ name: String) -> String { texts[name] ?? "bw_" + String(repeating: "0", count: 64) }

  /// Runs the loop on another thread while `work` asks.
  func run(_ work: (Asker) throws -> Void) throws {
    let port = appliance.api?.adminPlace?.port ?? 0
    let asker = Asker(
      port: port, texts: texts, socket: folder + "/run/control.sock",
      authority: try Self.authority.get().pem)
    let loop = appliance.loop
    let ended = DispatchSemaphore(value: 0)
    let thread = Thread {
      loop.run()
      ended.signal()
    }
    thread.start()
    defer {
      loop.stop()
      ended.wait()
      appliance.stop()
    }
    try work(asker)
  }

  /// Asks as whoever has a token of the name; `control` is the control socket.
  struct Asker: Sendable {
    let port: UInt16
    let texts: [String: String]
    let socket: String
    let authority: [UInt8]

    func client(_ name: String) throws -> APIClient {
      guard name != "control" else { return APIClient(control: socket) }
      return try APIClient(
        server: "https://127.0.0.1:\(port)",
        token: texts[name] ?? "bw_" + String(repeating: "0", count: 64), authority: authority)
    }

    func ask(
      _ name: String, _ method: String, _ path: String, query: [(name: String, value: String)] = [],
      fields: [(name: String, value: String)] = [], body: String? = nil
    ) throws -> APIAnswer {
      try client(name).ask(
        APIQuestion(
          method, path.split(separator: "/").map(String.init), query: query, fields: fields,
          body: body.map { Array($0.utf8) }))
    }

    /// Sends these bytes by TLS and gives what comes until the other side closes.
    func raw(_ bytes: [UInt8]) throws -> String {
      let stream = try ClientStream(
        host: "127.0.0.1", port: port, tls: try TLSContext(trusting: authority))
      try stream.send(bytes)
      var answer: [UInt8] = []
      while let more = try? stream.receive(), !more.isEmpty { answer += more }
      return String(decoding: answer, as: UTF8.self)
    }
  }
}

extension APIAnswer {
  var text: String { String(decoding: body, as: UTF8.self) }

  /// The body as what JSONSerialization makes of it.
  var json: [String: Any] {
    let object = try? JSONSerialization.jsonObject(with: Data(body))
    return object as? [String: Any] ?? [:]
  }
}
