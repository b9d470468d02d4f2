import EventLoop
import Glibc
import Network
import TLS
import Testing

extension RealSockets {
  /// TLS against other people's clients: openssl's and curl's.
  @Suite struct SecureStreams {
    struct Row: CustomTestStringConvertible {
      var client: String
      /// What both agree on; nil: they do not.
      var agreement: String?
      var testDescription: String { client }
    }

    static let rows = [
      Row(client: "", agreement: "TLSv1.3 TLS_AES_256_GCM_SHA384"),
      Row(client: "-tls1_2", agreement: "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"),
      Row(client: "-tls1_2 -sigalgs RSA+SHA256", agreement: "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256"),
      // iPXE's way, then EDK II's two.
      Row(
        client: "-tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256",
        agreement: "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384"),
      Row(
        client: "-tls1_2 -noservername -cipher DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256",
        agreement: "TLSv1.2 DHE-RSA-AES128-GCM-SHA256"),
      Row(
        client: "-tls1_2 -noservername -cipher AES128-GCM-SHA256",
        agreement: "TLSv1.2 AES128-GCM-SHA256"),
      Row(client: "-tls1_2 -noservername -cipher AES256-SHA", agreement: "TLSv1.2 AES256-SHA"),
      Row(client: "-tls1_3 -sigalgs RSA-PSS+SHA256", agreement: "TLSv1.3 TLS_AES_256_GCM_SHA384"),
      Row(client: "-tls1_1 -cipher ALL:@SECLEVEL=0"),
      Row(client: "-tls1 -cipher ALL:@SECLEVEL=0"),
      Row(client: "-tls1_2 -cipher NULL:@SECLEVEL=0"),
      Row(client: "-tls1_2 -cipher ADH-AES128-GCM-SHA256:@SECLEVEL=0"),
    ]

    @Test(
      "Case 44: a client meets us where it should, with RSA or ECDSA, with SNI or without",
      arguments: rows)
    func aClientMeetsUsWhereItShould(_ row: Row) throws {
      let server = try SecureServer()
      let said = server.openssl(row.client)
      guard let agreement = row.agreement else {
        #expect(!said.contains("CONNECTION ESTABLISHED"))
        #expect(server.endings.contains { if case .insecure = $0 { true } else { false } })
        return
      }
      let words = agreement.split(separator: " ")
      #expect(said.contains("Protocol version: \(words[0])\n"), "\(said)")
      #expect(said.contains("Ciphersuite: \(words[1])\n"), "\(said)")
      #expect(said.contains("Verification: OK"), "\(said)")
    }

    @Test func aClientThatDoesNotKnowOurAuthorityIsTold() throws {
      let server = try SecureServer()
      server.folder.write("other.pem", try Authority().certificate)
      _ = server.ask("curl -sS --cacert FOLDER/other.pem BASE/small 2>/dev/null")
      let said = server.endings.compactMap { ending in
        if case .insecure(let text) = ending { text } else { nil }
      }
      #expect(said.count == 1)
      #expect(said.first?.contains("unknown ca") == true, "\(said)")
    }

    @Test(arguments: ["--tlsv1.3", "--tls-max 1.2"], ["small", "large", "memory", "empty"])
    func everyByteArrives(_ version: String, _ name: String) throws {
      let server = try SecureServer()
      let said = server.ask(
        "curl -sS \(version) --cacert AUTHORITY -o FOLDER/got BASE/\(name) && cmp FOLDER/got FOLDER/\(name)"
          + " && echo same")
      #expect(said == "same\n")
    }

    @Test func oneConnectionServesSeveralRequests() throws {
      let server = try SecureServer()
      let said = server.ask(
        "curl -sS --cacert AUTHORITY -w '%{num_connects} ' -o FOLDER/a BASE/small -o FOLDER/b BASE/large"
          + " -o FOLDER/c BASE/memory && cmp FOLDER/b FOLDER/large && cmp FOLDER/c FOLDER/memory"
          + " && echo same")
      #expect(said == "1 0 0 same\n")
    }

    @Test func aSlowReaderGetsEveryByte() throws {
      let server = try SecureServer()
      let said = server.ask(
        "curl -sS --limit-rate 12M --cacert AUTHORITY -o FOLDER/got BASE/large"
          + " && cmp FOLDER/got FOLDER/large && echo same")
      #expect(said == "same\n")
    }

    @Test("Case 44: another certificate takes over, and a download goes on")
    func anotherContextTakesOverAndADownloadGoesOn() throws {
      let server = try SecureServer()
      let next = try Authority()
      server.folder.write("next.pem", next.certificate)
      let answer = server.listener.onConnection
      server.listener.onConnection = { [unowned server] connection in
        answer(connection)
        server.listener.tls = try? TLSContext(next.identities)
      }
      let said = server.ask(
        "curl -sS --limit-rate 12M --cacert AUTHORITY -o FOLDER/got BASE/large &"
          + " sleep 1; curl -sS -o FOLDER/new --cacert FOLDER/next.pem BASE/small && echo new;"
          + " curl -sS -o FOLDER/old --cacert AUTHORITY BASE/small 2>/dev/null || echo refused;"
          + " wait; cmp FOLDER/got FOLDER/large && echo same")
      #expect(said == "new\nrefused\nsame\n")
    }

    @Test func aSessionIsTakenUpAgain() throws {
      let server = try SecureServer()
      let connect = "openssl s_client -connect HOST -CAfile AUTHORITY -tls1_2 2>/dev/null"
      let said = server.ask(
        "\(connect) -sess_out FOLDER/s >/dev/null </dev/null;"
          + " \(connect) -sess_in FOLDER/s </dev/null | grep -c ^Reused")
      #expect(said == "1\n")
    }

    @Test("Case 44: no session may begin with data that somebody could send again (0-RTT)")
    func noEarlyData() throws {
      let server = try SecureServer()
      let connect = "openssl s_client -connect HOST -CAfile AUTHORITY -tls1_3 2>/dev/null"
      let said = server.ask(
        "printf 'GET /small HTTP/1.1\r\n\r\n' >FOLDER/early;"
          + " { sleep 0.5; } | \(connect) -sess_out FOLDER/s | grep -c 'Max Early Data: 0';"
          + " sleep 0.5 | \(connect) -sess_in FOLDER/s -early_data FOLDER/early"
          + " | grep -c 'Early data was accepted'")
      #expect(said == "1\n0\n", "\(said)")
    }

    @Test("Case 44: renegotiation is refused")
    func renegotiationIsRefused() throws {
      let server = try SecureServer()
      let said = server.ask(
        "{ sleep 0.5; echo R; sleep 0.5; } |"
          + " openssl s_client -connect HOST -CAfile AUTHORITY -tls1_2 2>&1 | grep -c 'no renegotiation'"
      )
      #expect(said.hasPrefix("1") || said.hasPrefix("2"), "\(said)")
    }

    @Test(arguments: [
      Array("GET / HTTP/1.1\r\n\r\n".utf8), [22, 3, 1, 0, 5, 1, 0, 0, 1, 3],
      [UInt8](repeating: 0, count: 3_000), [UInt8](repeating: 255, count: 70_000),
      [22, 3, 3, 255, 255] + [UInt8](repeating: 1, count: 70_000), [128, 46, 1, 0, 2],
    ])
    func whatIsNoTLSEndsTheConnection(_ bytes: [UInt8]) throws {
      let server = try SecureServer()
      server.listener.limits.handshake = .milliseconds(500)
      server.beside { endpoint in
        let peer = Peer(tcp: endpoint)
        peer.send(bytes)
        _ = peer.receiveAll()
      }
      #expect(server.endings.count == 1)
      #expect(server.endings.allSatisfy { $0 != .local && $0 != .peer })
      #expect(server.listener.counts.open == 0)
    }

    @Test("Case 40: a client that is slow to agree has so much time")
    func aSilentClientHasSoMuchTime() throws {
      let server = try SecureServer()
      server.listener.limits.handshake = .milliseconds(500)
      server.beside { endpoint in
        let peer = Peer(tcp: endpoint)
        // Bytes that trickle in do not prolong it.
        for byte: UInt8 in [22, 3, 1, 2, 0, 1] {
          peer.send([byte])
          usleep(200_000)
        }
        _ = peer.receiveAll()
      }
      #expect(server.endings == [.slowHandshake])
    }

    @Test func whoOnlyConnectsGivesWay() throws {
      let server = try SecureServer()
      server.listener.limits.connections = 1
      server.beside { endpoint in
        let silent = Peer(tcp: endpoint)
        usleep(100_000)
        let second = Peer(tcp: endpoint)
        usleep(100_000)
        withExtendedLifetime((silent, second)) {}
      }
      #expect(server.endings.first == .crowdedOut)
    }

    @Test func anIdleConnectionIsClosedWithAWord() throws {
      let server = try SecureServer()
      server.listener.limits.request = .milliseconds(500)
      // openssl says "closed" after close_notify, and complains of an end without one.
      let said = server.ask(
        "sleep 2 | openssl s_client -connect HOST -CAfile AUTHORITY -tls1_2 2>&1 | tail -n 1")
      #expect(said == "closed\n")
      #expect(server.endings == [.slowRequest])
    }
  }
}

/// A server of a few files, with certificates of its own, for one client that runs beside it.
final class SecureServer {
  let test: TestLoop
  let listener: StreamListener
  let folder = TemporaryFolder()
  private(set) var endings: [StreamEnding] = []

  private static let head = "HTTP/1.1 200 OK\r\nContent-Length: "

  init() throws {
    test = try TestLoop(seconds: 30)
    let authority = try Authority.shared.get()
    folder.write("ca.pem", authority.certificate)
    listener = try StreamListener(
      loop: test.loop, address: .loopback, port: 0, tls: TLSContext(authority.identities))
    let bytes = ["empty": [], "small": pattern(1_024), "large": pattern(24_000_001)]
    for (name, bytes) in bytes { folder.write(name, bytes) }
    let memory = pattern(3_000_000)
    folder.write("memory", memory)
    let tree = try FileTree(folder.path)
    listener.onConnection = { [unowned self] connection in
      connection.onClosed = { [unowned self] in endings.append($0) }
      connection.onBytes = { [unowned connection] bytes in
        let request = String(decoding: bytes.copied, as: UTF8.self)
        guard request.hasSuffix("\r\n\r\n") else { return 0 }
        let name = request.split(separator: " ")[1].dropFirst()
        if name == "memory" {
          let answer = Array("\(Self.head)\(memory.count)\r\n\r\n".utf8) + memory
          connection.send(answer.span.bytes)
        } else if let file = try? tree.open(String(name)) {
          let head = Array("\(Self.head)\(file.size)\r\n\r\n".utf8)
          connection.send(head.span.bytes, file: file, offset: 0, count: file.size)
        } else {
          connection.close()
        }
        return bytes.byteCount
      }
    }
  }

  /// Runs a client's commands beside the loop and returns what they print.
  func ask(_ commands: String) -> String {
    guard let local = listener.local else { return "" }
    let text = commands.replacing("BASE", with: "https://\(local)")
      .replacing("HOST", with: "\(local)")
      .replacing("AUTHORITY", with: "\(folder.path)/ca.pem")
      .replacing("FOLDER", with: folder.path)
    let file = "\(folder.path)/said"
    beside { _ in system("{ \(text)\n} >\(file)") }
    guard let said = try? File(at: file), let bytes = try? said.read(at: 0, count: Int(said.size))
    else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  func openssl(_ arguments: String) -> String {
    ask(
      "openssl s_client -connect HOST -CAfile AUTHORITY -verify_return_error -verify_ip 127.0.0.1 -brief"
        + " \(arguments) </dev/null 2>&1")
  }

  /// Runs `work` beside the loop, and the loop until a moment after it.
  func beside(_ work: @escaping @Sendable (Endpoint) -> Void) {
    guard let local = listener.local else { return }
    let loop = test.loop
    EventLoopTests.beside {
      work(local)
      usleep(50_000)
      loop.stop()
    }
    test.run()
  }
}

/// An authority of a test's own with an RSA and an ECDSA certificate.
struct Authority {
  let certificate: [UInt8]
  let identities: [TLSIdentity]

  /// Made once: its RSA key takes seconds to find.
  static let shared = Result { try Authority() }

  init() throws {
    let authority = try CertificateAuthority(name: "a test's authority")
    certificate = authority.certificate
    let names = CertificateAuthority.Names(dns: ["boot.lab.test"], addresses: [.loopback])
    identities = try CertificateAuthority.KeyKind.allCases.map {
      try authority.issue($0, for: names)
    }
  }
}
