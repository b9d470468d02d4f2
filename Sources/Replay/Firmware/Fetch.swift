import Network

/// One file from wherever its URL says: the name of its server is asked for first.
struct Fetch: Sendable {
  let url: BootURL
  private let tftp: TFTPDialect
  private let http: HTTPDialect

  private enum Phase: Sendable {
    case named(NameQuery)
    case tftp(TFTPFetch)
    case http(HTTPFetch)
    case none
  }

  private var phase = Phase.none

  init(_ url: BootURL, _ tftp: TFTPDialect, _ http: HTTPDialect) {
    self.url = url
    self.tftp = tftp
    self.http = http
  }

  mutating func begin(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    guard !url.host.isEmpty else { return .missed("\(url) names no server") }
    if let address = IPv4Address(url.host) {
      return start(at: address, now, &station, into: &requests)
    }
    guard let server = station.lease?.nameServers.first else {
      return .missed("\(url): nobody is known who could say where \(url.host) is")
    }
    guard !station.isElsewhere(server) else { return elsewhere(&station) }
    var query = NameQuery(url.host, at: server)
    let answer = query.begin(at: now, &station, into: &requests)
    phase = .named(query)
    return finding(answer, at: now, &station, into: &requests)
  }

  private mutating func finding(
    _ answer: NameQuery.Answer?, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    switch answer {
    case .address(let address): return start(at: address, now, &station, into: &requests)
    // A name of others' is asked for elsewhere.
    case .unanswered where station.servers != nil: return elsewhere(&station)
    case .unanswered(let reason), .unknown(let reason): return .missed("\(url): \(reason)")
    case nil: return nil
    }
  }

  private func elsewhere(_ station: inout Station) -> Finding {
    station.note("\(url) is another server's: it is taken to be there")
    return .fetched(FetchedFile(url: url, byteCount: 0, head: nil, isElsewhere: true))
  }

  private mutating func start(
    at server: IPv4Address, _ now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    guard !station.isElsewhere(server) else { return elsewhere(&station) }
    switch url.scheme {
    case .tftp:
      var fetch = TFTPFetch(url, at: server, tftp)
      fetch.begin(at: now, &station, into: &requests)
      phase = .tftp(fetch)
    case .http, .https:
      var fetch = HTTPFetch(url, at: server, http)
      fetch.begin(at: now, &station, into: &requests)
      phase = .http(fetch)
    }
    return nil
  }

  var nextDeadline: Instant? {
    switch phase {
    case .named(let query): query.nextDeadline
    case .tftp(let fetch): fetch.nextDeadline
    case .http(let fetch): fetch.nextDeadline
    case .none: nil
    }
  }

  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, _ station: inout Station,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    switch phase {
    case .named(let query):
      return finding(query.receive(datagram), at: now, &station, into: &requests)
    case .tftp(var fetch):
      // Moved, not copied: it holds what has come of the file.
      phase = .none
      let finding = fetch.receive(datagram, at: now, &station, into: &requests)
      phase = .tftp(fetch)
      return finding
    case .http, .none: return nil
    }
  }

  mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant,
    into requests: inout [ClientRequest]
  ) -> Finding? {
    guard case .http(var fetch) = phase else { return nil }
    let finding = fetch.receive(response, on: connection, at: now, into: &requests)
    phase = .http(fetch)
    return finding
  }

  mutating func timeout(
    at now: Instant, _ station: inout Station, into requests: inout [ClientRequest]
  ) -> Finding? {
    switch phase {
    case .named(var query):
      let answer = query.timeout(at: now, station, into: &requests)
      phase = .named(query)
      return finding(answer, at: now, &station, into: &requests)
    case .tftp(var fetch):
      let finding = fetch.timeout(at: now, station, into: &requests)
      phase = .tftp(fetch)
      return finding
    case .http(var fetch): return fetch.timeout(at: now, into: &requests)
    case .none: return nil
    }
  }
}
