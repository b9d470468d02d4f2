import Network

/// Where a program is told to fetch from: what iPXE, GRUB and the rest make of a name.
package struct BootURL: Hashable, Sendable {
  package enum Scheme: String, Sendable {
    case tftp
    case http
    case https
  }

  package var scheme: Scheme
  /// An address or a name; empty: none, as in `http:///a`.
  package var host: String
  package var port: UInt16
  /// Of TFTP the file's name as it is asked for; of HTTP the path, with a slash at its front, and
  /// the query.
  package var path: String

  package init(_ scheme: Scheme, host: String, port: UInt16? = nil, path: String) {
    self.scheme = scheme
    self.host = host
    self.port = port ?? Self.port(of: scheme)
    self.path = path
  }

  /// Reads a URL with a scheme; nil for another scheme, or none.
  package init?(_ text: String) {
    guard let mark = text.firstRange(of: "://"),
      let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
    else { return nil }
    let rest = text[mark.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var host = rest[..<slash]
    if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
    var port: UInt16?
    if let colon = host.lastIndex(of: ":") {
      guard let number = UInt16(host[host.index(after: colon)...]) else { return nil }
      port = number
      host = host[..<colon]
    }
    let path = String(rest[slash...])
    self.init(
      scheme, host: String(host), port: port,
      path: scheme == .tftp ? String(path.dropFirst()) : path.isEmpty ? "/" : path)
  }

  /// What `text` means beside this: a URL of its own, a path of the same server, or a name in the
  /// same folder (RFC 3986 §5.2.2, without its dots).
  package func resolving(_ text: String) -> BootURL? {
    if text.contains("://") { return BootURL(text) }
    var url = self
    if text.hasPrefix("/") {
      url.path = scheme == .tftp ? String(text.dropFirst()) : text
    } else {
      let path = self.path.prefix { $0 != "?" }
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
      url.path = folder + text
    }
    return url
  }

  /// The last part of the path.
  package var name: String {
    String(path.prefix { $0 != "?" }.split(separator: "/").last ?? "")
  }

  private static func port(of scheme: Scheme) -> UInt16 {
    switch scheme {
    case .tftp: 69
    case .http: 80
    case .https: 443
    }
  }
}

extension BootURL: CustomStringConvertible {
  package var description: String {
    let port = port == Self.port(of: scheme) ? "" : ":\(port)"
    let slash = path.hasPrefix("/") ? "" : "/"
    return "\(scheme.rawValue)://\(host)\(port)\(slash)\(path)"
  }
}
