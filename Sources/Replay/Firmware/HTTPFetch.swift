import Network

/// One file by HTTP.
struct HTTPFetch: Sendable {
  let url: BootURL
  let server: IPv4Address
  let dialect: HTTPDialect

  private var connection = 0
  private var isHead: Bool
  private(set) var nextDeadline: Instant?

  /// How long a client waits for a response that does not come.
  private static let patience = Duration.seconds(30)

  init(_ url: BootURL, at server: IPv4Address, _ dialect: HTTPDialect) {
    self.url = url
    self.server = server
    self.dialect = dialect
    isHead = dialect.asksHeadFirst
  }

  mutating func begin(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) {
    connection = station.freshConnection()
    send(at: now, into: &requests)
  }

  private mutating func send(at now: Instant, into requests: inout [ClientRequest]) {
    nextDeadline = now + Self.patience
    let head = dialect.head(isHead ? "HEAD" : dialect.method, url)
    requests.append(
      .http(
        connection: connection, to: Endpoint(server, url.port),
        Array(head.utf8) + (isHead ? [] : dialect.body)))
  }

  mutating func timeout(at now: Instant, into requests: inout [ClientRequest]) -> Finding? {
    requests.append(.hangUp(connection: connection))
    return .missed("\(what): no response in 30 seconds")
  }

  mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    guard connection == self.connection else { return nil }
    guard response.status == 200 || response.status == 204 else {
      requests.append(.hangUp(connection: connection))
      return .missed(
        response.status == 0
          ? "\(what): nobody listens there" : "\(what): \(response.status)")
    }
    if isHead {
      isHead = false
      send(at: now, into: &requests)
      return nil
    }
    requests.append(.hangUp(connection: connection))
    return .fetched(
      FetchedFile(
        url: url, byteCount: response.bodyByteCount,
        head: response.body.map { Array($0.prefix(FetchedFile.mostKept)) }))
  }

  private var what: String { "\(isHead ? "HEAD" : dialect.method) \(url)" }
}

/// How one program asks by HTTP, as recorded in the lab.
struct HTTPDialect: Hashable, Sendable {
  var agent: String
  var version = "1.1"
  var fields = ""
  /// Whether it asks for the head first, on the same connection.
  var asksHeadFirst = false
  var method = "GET"
  var body: [UInt8] = []

  func head(_ method: String, _ url: BootURL) -> String {
    let port = [80, 443].contains(url.port) ? "" : ":\(url.port)"
    let length = body.isEmpty ? "" : "Content-Length: \(body.count)\r\n"
    return "\(method) \(Self.encoded(url.path)) HTTP/\(version)\r\nHost: \(url.host)\(port)\r\n"
      + "\(fields)User-Agent: \(agent)\r\n\(length)\r\n"
  }

  /// What a request line cannot hold is percent-encoded.
  private static func encoded(_ path: String) -> String {
    var text = ""
    for octet in path.utf8 {
      if octet > 0x20, octet < 0x7f, octet != 0x22, octet != 0x3c, octet != 0x3e {
        text.unicodeScalars.append(Unicode.Scalar(octet))
      } else {
        text += "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
      }
    }
    return text
  }

  static let edk2 = HTTPDialect(
    agent: "UefiHttpBoot/1.0", fields: "Accept: */*\r\n", asksHeadFirst: true)
  static let ipxe = HTTPDialect(agent: "iPXE/1.0.0+", fields: "Connection: keep-alive\r\n")
  static let lpxelinux = HTTPDialect(
    agent: "Syslinux/6.03", version: "1.0", fields: "Connection: close\r\n")
  static let grub = HTTPDialect(agent: "GRUB 2.06-13+deb12u2")
  static let uboot = HTTPDialect(agent: "U-Boot", version: "1.0")
}
