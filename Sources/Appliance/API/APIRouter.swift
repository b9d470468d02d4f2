import Boot
import Wire

/// Finds the route that a request means.
struct APIRouter {
  let routes: [APIRoute]
  private let patterns: [[Substring]]

  struct Match {
    var route: APIRoute
    var parameters: [String: String]
  }

  init(_ routes: [APIRoute]) {
    self.routes = routes
    patterns = routes.map(\.pattern)
  }

  /// - Parameter parts: The path below `/api/v1`, unescaped.
  func match(_ method: HTTPMethod, _ parts: [String]) throws(APIRefusal) -> Match {
    let wanted = method == .head ? .get : method
    let found = best(parts)
    guard !found.isEmpty else { throw APIRefusal(.notFound, "there is no such page") }
    guard let index = found.first(where: { routes[$0].method == wanted }) else {
      let allow = found.map { routes[$0].method == .get ? "GET, HEAD" : routes[$0].method.name }
      var refusal = APIRefusal(
        .methodNotAllowed, "what is here takes \(allow.joined(separator: ", "))")
      refusal.allow = allow.joined(separator: ", ")
      throw refusal
    }
    var parameters: [String: String] = [:]
    for (part, pattern) in zip(parts, patterns[index]) {
      if let name = Self.open(pattern) { parameters[name] = part }
    }
    return Match(route: routes[index], parameters: parameters)
  }

  /// The routes of this path; one that is spelled out hides one with open parts.
  private func best(_ parts: [String]) -> [Int] {
    var best: [Int] = []
    var least = Int.max
    for (index, pattern) in patterns.enumerated() {
      guard let openCount = Self.openCount(pattern, parts), openCount <= least else { continue }
      if openCount < least { best = [] }
      least = openCount
      best.append(index)
    }
    return best
  }

  /// How many open parts the pattern has; nil when the path is another.
  private static func openCount(_ pattern: [Substring], _ parts: [String]) -> Int? {
    guard pattern.count == parts.count else { return nil }
    var count = 0
    for (wanted, part) in zip(pattern, parts) {
      if open(wanted) != nil { count += 1 } else if wanted != part[...] { return nil }
    }
    return count
  }

  /// The name of an open part; nil for one that is spelled out.
  static func open(_ part: Substring) -> String? {
    part.hasPrefix("{") ? String(part.dropFirst().dropLast()) : nil
  }
}
