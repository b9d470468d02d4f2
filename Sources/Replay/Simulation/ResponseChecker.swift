import Network

/// HTTP: the body of a file is the file.
struct ResponseChecker: Sendable {
  private struct Exchange: Hashable, Sendable {
    let client: Int
    let connection: Int
  }

  private let site: SimulatedSite
  private var asked: [Exchange: String] = [:]
  private(set) var comparedFiles = 0

  init(_ site: SimulatedSite) { self.site = site }

  mutating func requested(_ client: Int, _ connection: Int, _ octets: [UInt8]) {
    let words = octets.prefix { $0 != 0x0d }.split(separator: 0x20)
    let exchange = Exchange(client: client, connection: connection)
    asked[exchange] =
      words.count == 3 && words[0].elementsEqual("GET".utf8)
      ? String(decoding: words[1], as: UTF8.self) : nil
  }

  mutating func responded(
    _ client: Int, _ connection: Int, _ response: ClientResponse, at time: Instant,
    into complaints: inout Complaints
  ) {
    let exchange = Exchange(client: client, connection: connection)
    guard let path = asked.removeValue(forKey: exchange), response.status == 200,
      let file = site.file(named: path)
    else { return }
    comparedFiles += 1
    guard response.body != file.octets || response.bodyByteCount != file.byteCount else { return }
    complaints.add(.content, at: time, "\(path), \(response.bodyByteCount) bytes")
  }
}
