import EventLoop
import TLS

/// Asks an appliance, over its control socket or its admin listener; blocks.
///
/// Paths are those below `/api/v1`, as `/machines/rack3-07`. Each question has a connection of its
/// own.
package struct APIClient {
  package enum Way {
    /// The control socket's path.
    case socket(String)
    case https(host: String, port: UInt16, TLSContext)
  }

  private let way: Way
  private let token: String?

  package init(control path: String) {
    way = .socket(path)
    token = nil
  }

  /// - Parameters:
  ///   - server: `https://HOST[:PORT]`; the port is 8443 if none is given.
  ///   - token: As it was shown when it was made.
  ///   - authority: The certificates that are believed, as PEM; nil: the system's.
  package init(server: String, token: String, authority: [UInt8]?) throws(APIFailure) {
    guard let place = Self.place(server) else {
      throw APIFailure("\(server) is no https://HOST[:PORT]")
    }
    guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw APIFailure("the token is not one that an appliance made")
    }
    do throws(TLSFailure) {
      way = .https(
        host: place.host, port: place.port, try TLSContext(trusting: authority))
    } catch { throw APIFailure("\(error)") }
    self.token = token
  }

  /// Asks and waits for the whole answer; a refusal of the appliance's is an answer as well.
  package func ask(_ question: APIQuestion) throws(APIFailure) -> APIAnswer {
    let stream = try open()
    do throws(ClientStream.Failure) {
      try stream.send(question.octets(host: host, token: token))
      var reading = APIAnswerReading(isHead: question.method == "HEAD")
      while !reading.isWhole {
        let bytes = try stream.receive()
        guard !bytes.isEmpty else { break }
        reading.take(bytes)
        guard reading.count <= Self.answerMax else { throw tooLong }
      }
      guard let answer = reading.answer else {
        throw ClientStream.Failure.unknownHost("")
      }
      return answer
    } catch {
      if case .unknownHost("") = error {
        throw APIFailure("\(name) gave no answer of an appliance")
      }
      throw explain(error)
    }
  }

  /// Gives the lines of an answer that does not end to `take`, until it gives false or the
  /// appliance ends it; what it gives back is the head, with a body when it is a refusal.
  @discardableResult
  package func follow(
    _ question: APIQuestion, _ take: (String) throws -> Bool
  ) throws -> APIAnswer {
    let stream = try open()
    do {
      try stream.send(question.octets(host: host, token: token))
      var reading = APIAnswerReading(isHead: false)
      var line: [UInt8] = []
      while true {
        let bytes = try stream.receive()
        if !bytes.isEmpty { reading.take(bytes) }
        guard let head = reading.head else {
          guard !bytes.isEmpty, reading.count <= Self.answerMax else { break }
          continue
        }
        guard head.status == 200 else {
          guard !reading.isWhole, !bytes.isEmpty, reading.count <= Self.answerMax else { break }
          continue
        }
        for octet in reading.takeBody() {
          guard octet == 0x0a else {
            line.append(octet)
            guard line.count <= Self.lineMax else { throw tooLong }
            continue
          }
          guard try take(String(decoding: line, as: UTF8.self)) else { return head }
          line.removeAll(keepingCapacity: true)
        }
        if bytes.isEmpty { break }
      }
      guard let answer = reading.answer else {
        throw APIFailure("\(name) gave no answer of an appliance")
      }
      return answer
    } catch let error as ClientStream.Failure { throw explain(error) }
  }

  private func open() throws(APIFailure) -> ClientStream {
    do throws(ClientStream.Failure) {
      switch way {
      case .socket(let path): return try ClientStream(path: path)
      case .https(let host, let port, let tls):
        return try ClientStream(host: host, port: port, tls: tls)
      }
    } catch { throw explain(error) }
  }

  private func explain(_ failure: ClientStream.Failure) -> APIFailure {
    guard case .socket(let path) = way, case .system(let error) = failure else {
      return APIFailure("\(name): \(failure)")
    }
    if error.isDenied {
      return APIFailure("\(path) may not be opened: only its owner and group may ask")
    }
    return APIFailure(
      "no appliance answers at \(path): is `bootwire serve` running? (\(error))",
      isNobody: error.isUnanswered)
  }

  private var tooLong: ClientStream.Failure {
    .system(SystemError(call: "an answer too long", errno: 0, path: name))
  }

  private var host: String {
    switch way {
    case .socket: "control"
    case .https(let host, let port, _): "\(host):\(port)"
    }
  }

  private var name: String {
    switch way {
    case .socket(let path): path
    case .https(let host, let port, _): "https://\(host):\(port)"
    }
  }

  private static func place(_ server: String) -> (host: String, port: UInt16)? {
    guard server.hasPrefix("https://") else { return nil }
    var rest = server.dropFirst(8)
    while rest.hasSuffix("/") { rest.removeLast() }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard let host = parts.first, !host.isEmpty, parts.count <= 2,
      host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2f && $0 != 0x40 })
    else { return nil }
    guard parts.count == 2 else { return (String(host), 8443) }
    guard let port = UInt16(parts[1]), port > 0 else { return nil }
    return (String(host), port)
  }

  /// The most that is read of an answer, and of a line of one, in bytes.
  private static let answerMax = 64 << 20
  private static let lineMax = 1 << 20
}

/// Why an appliance could not be asked, in one sentence.
package struct APIFailure: Error, CustomStringConvertible {
  package let description: String
  /// Whether nobody listens there at all, as where no appliance runs.
  package let isNobody: Bool

  package init(_ description: String, isNobody: Bool = false) {
    self.description = description
    self.isNobody = isNobody
  }
}
