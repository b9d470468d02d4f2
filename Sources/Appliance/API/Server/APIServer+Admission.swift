import Boot
import Bytes
import Network
import Wire

// What is known of a request before its body is read: whether it is one that we answer.
extension APIServer {
  /// The route that answers the request, and the request without its body.
  ///
  /// - Throws: A refusal; nothing of the request has had an effect then.
  func admit(
    _ head: borrowing HTTPRequestHead, from address: IPv4Address?, isControl: Bool
  ) throws(APIRefusal) -> (APIRoute, APIRequest) {
    let principal = try principal(
      head.values(of: "authorization"), from: address, isControl: isControl)
    let parts = try Self.parts(head.path.octets())
    let match = try router.match(head.method, parts)
    try Self.check(principal, match.route)
    var request = APIRequest(
      method: head.method, path: parts.joined(separator: "/"), parameters: match.parameters,
      query: try Self.query(head.query.octets(), match.route), principal: principal,
      address: address)
    request.ifMatch = Self.tags(head.values(of: "if-match"))
    request.ifNoneMatch = Self.tags(head.values(of: "if-none-match"))
    request.lastEvent = head.values(of: "last-event-id").first.map {
      String(decoding: $0, as: UTF8.self)
    }
    try choose(MediaRanges(head.values(of: "accept")), match.route, &request)
    try takeBody(of: head, match.route, &request)
    return (match.route, request)
  }

  /// An event for every change, with who made it.
  func noteWrite(_ request: APIRequest, _ status: HTTPStatus) {
    guard !request.method.isSafe, (200..<300).contains(status.rawValue) else { return }
    appliance.record(
      Event(
        .apiUsed(by: request.principal.name, request: "\(request.method.name) \(request.path)"),
        address: request.address))
  }

  private static func check(_ principal: Principal, _ route: APIRoute) throws(APIRefusal) {
    guard principal.role.covers(route.role) else {
      throw APIRefusal(
        .forbidden,
        "this needs the role \(route.role.rawValue), and the token is of a"
          + " \(principal.role.rawValue)")
    }
    guard !route.isOfAppliance || principal.site == nil else {
      throw APIRefusal(.forbidden, "this is the whole appliance's, and the token is of one site")
    }
  }

  /// What stands below `/api/v1`, unescaped.
  private static func parts(_ path: [UInt8]) throws(APIRefusal) -> [String] {
    let pieces = path.split(separator: 0x2f, omittingEmptySubsequences: false).dropFirst()
    var parts: [String] = []
    for piece in pieces {
      guard let octets = PercentText.octets(Array(piece)),
        let text = String(validating: octets, as: UTF8.self),
        !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
      else { throw APIRefusal(.badRequest, "the path is not escaped as RFC 3986 has it") }
      parts.append(text)
    }
    guard parts.starts(with: ["api", "v1"]) else {
      throw APIRefusal(.notFound, "there is no such page: all of them are below /api/v1")
    }
    return Array(parts.dropFirst(2))
  }

  private static func query(
    _ text: [UInt8], _ route: APIRoute
  ) throws(APIRefusal) -> [String: [String]] {
    var query: [String: [String]] = [:]
    for piece in text.split(separator: 0x26) {
      let mark = piece.firstIndex(of: 0x3d) ?? piece.endIndex
      let name = try unescaped(piece[..<mark])
      let value = mark == piece.endIndex ? "" : try unescaped(piece[(mark + 1)...])
      guard let parameter = route.query.first(where: { $0.name == name }) else {
        let known = route.query.map(\.name).joined(separator: ", ")
        throw APIRefusal(
          .badRequest,
          "there is no parameter \(Escaped(name)) here, "
            + (known.isEmpty ? "nor any other" : "only \(known)"))
      }
      guard parameter.isRepeatable || query[name] == nil else {
        throw APIRefusal(.badRequest, "the parameter \(name) stands there twice")
      }
      query[name, default: []].append(value)
    }
    return query
  }

  private static func unescaped(_ text: ArraySlice<UInt8>) throws(APIRefusal) -> String {
    // As forms are written: a plus is a space.
    let spaced = text.map { $0 == 0x2b ? 0x20 : $0 }
    guard let octets = PercentText.octets(spaced),
      let text = String(validating: octets, as: UTF8.self),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
    else { throw APIRefusal(.badRequest, "the query is not escaped as RFC 3986 has it") }
    return text
  }

  /// The tags of If-Match or If-None-Match, without quotes and without the mark of a weak one.
  private static func tags(_ values: [[UInt8]]) -> [String]? {
    guard !values.isEmpty else { return nil }
    var tags: [String] = []
    for value in values {
      for piece in String(decoding: value, as: UTF8.self).split(separator: ",") {
        var tag = piece.drop { $0 == " " || $0 == "\t" }
        while tag.hasSuffix(" ") || tag.hasSuffix("\t") { tag.removeLast() }
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        if tag.hasPrefix("\""), tag.hasSuffix("\""), tag.utf8.count > 1 {
          tag = tag.dropFirst().dropLast()
        }
        tags.append(String(tag))
      }
    }
    return tags
  }

  private func choose(
    _ wanted: MediaRanges, _ route: APIRoute, _ request: inout APIRequest
  ) throws(APIRefusal) {
    if case .events = route.answer, wanted.namesEventStream {
      request.wantsEventStream = true
      return
    }
    // What has no body is what everybody takes.
    guard let type = route.response.type, !wanted.takes(type) else { return }
    throw APIRefusal(.notAcceptable, "what is here is \(type.rawValue)")
  }

  private func takeBody(
    of head: borrowing HTTPRequestHead, _ route: APIRoute, _ request: inout APIRequest
  ) throws(APIRefusal) {
    guard route.request != nil else {
      guard head.contentLength == 0 else {
        throw APIRefusal(.contentTooLarge, "no body is taken here")
      }
      return
    }
    guard head.contentLength > 0 else {
      guard route.isRequestOptional || head.hasContentLength else {
        throw APIRefusal(.lengthRequired, "a body is needed, with its Content-Length")
      }
      return
    }
    guard head.contentLength <= UInt64(route.bodyLimit) else {
      throw APIRefusal(
        .contentTooLarge, "a body of more than \(route.bodyLimit) bytes, the most we take here")
    }
    let types = head.values(of: "content-type").map { String(decoding: $0, as: UTF8.self) }
    let type = types.first?.split(separator: ";").first.map {
      $0.lowercased().filter { $0 != " " && $0 != "\t" }
    }
    guard types.count == 1, let type, type == "application/json" else {
      throw APIRefusal(
        .unsupportedMediaType, "a body is JSON here: say Content-Type: application/json")
    }
    request.bodyType = type
  }
}
