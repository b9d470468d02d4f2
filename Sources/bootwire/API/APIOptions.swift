import Appliance
import ArgumentParser
import EventLoop
import YAML

/// Where the appliance is that a command speaks to, and by which right.
struct APIOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The appliance's control socket.", valueName: "socket"))
  var control = "/run/bootwire/control.sock"

  @Option(
    help: ArgumentHelp(
      "Instead of the socket: the HTTPS admin listener, as https://10.0.0.5:8443.",
      valueName: "url"))
  var server: String?

  @Option(
    help: ArgumentHelp("With --server: the file that holds the API token.", valueName: "file"))
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "With --server: the certificates to trust, as PEM; the system's if not given.",
      valueName: "file"))
  var ca: String?

  func validate() throws {
    guard let server else {
      guard tokenFile == nil, ca == nil else {
        throw ValidationError("--token-file and --ca go with --server URL.")
      }
      return
    }
    guard server.hasPrefix("https://") else {
      throw ValidationError(
        "--server is a URL as https://10.0.0.5:8443; a token never goes by http.")
    }
    guard tokenFile != nil else {
      throw ValidationError(
        "--server needs --token-file FILE; `bootwire tokens create` makes a token.")
    }
  }

  /// Asks the appliance, and gives its answer whatever it is.
  ///
  /// - Parameter path: Its parts below `/api/v1`, as they are.
  func exchange(
    _ method: String, _ path: [String], query: [(String, String?)] = [],
    headers: [(String, String)] = [], body: Node? = nil
  ) throws -> APIAnswer {
    try client().ask(
      APIQuestion(
        method, path,
        query: query.compactMap { name, value in value.map { (name: name, value: $0) } },
        fields: headers.map { (name: $0.0, value: $0.1) },
        body: body.map { Array($0.json().utf8) }))
  }

  /// Asks the appliance; a refusal is thrown as one sentence.
  @discardableResult
  func call(
    _ method: String, _ path: [String], query: [(String, String?)] = [],
    headers: [(String, String)] = [], body: Node? = nil
  ) throws -> APIAnswer {
    let answer = try exchange(method, path, query: query, headers: headers, body: body)
    guard !answer.isRefusal else { throw Problem(answer).refusal }
    return answer
  }

  /// All items of a list, page by page.
  ///
  /// - Parameter cursor: The parameter that goes on where a page ended.
  func list(
    _ path: String, query: [(String, String?)] = [], cursor: String = "after"
  ) throws -> [Node] {
    var items: [Node] = []
    var next: String?
    repeat {
      let answer = try call(
        "GET", [path], query: query + [("limit", Self.pageSize), (cursor, next)])
      let page = try answer.value()
      items += page["items"].items.compactMap(\.node)
      let following = page["next"].text
      // An answer that leads to itself would never end.
      guard following != next else { break }
      next = following
    } while next != nil
    return items
  }

  private static let pageSize = "1000"

  func client() throws -> APIClient {
    guard let server, let tokenFile else { return APIClient(control: control) }
    let token = try TextFile.read(tokenFile, limit: 4096)
    let words = token.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let word = words.first else {
      throw Refusal("\(tokenFile) holds no token: `bootwire tokens create --into FILE` makes one")
    }
    let authority = try ca.map { Array(try TextFile.read($0, limit: 1 << 20).utf8) }
    return try APIClient(server: server, token: String(word), authority: authority)
  }
}
