import FoundationEssentials

/// Where the loaders are.
package enum LoaderFolder {
  package static let standard = "/var/lib/bootwire/loaders"

  /// The `loaders` key of a configuration file, which is not checked otherwise: loaders can be
  /// installed before the rest of it is right.
  package static func path(configuration file: String?) throws(LoaderFailure) -> String {
    guard let file else { return standard }
    guard let contents = FileManager.default.contents(atPath: file) else {
      throw LoaderFailure("\(file) cannot be read")
    }
    return path(in: String(decoding: contents, as: UTF8.self)) ?? standard
  }

  /// A top-level `loaders: PATH`, quoted or not, with or without a comment behind it.
  static func path(in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix("loaders:") {
      let value = line.dropFirst("loaders:".count).drop(while: \.isWhitespace)
      if let quote = value.first, quote == "\"" || quote == "'" {
        let quoted = value.dropFirst().prefix { $0 != quote }
        return quoted.isEmpty ? nil : String(quoted)
      }
      var plain = value
      if let comment = value.firstRange(of: " #") { plain = value[..<comment.lowerBound] }
      while plain.last?.isWhitespace == true { plain.removeLast() }
      return plain.isEmpty || plain.hasPrefix("#") ? nil : String(plain)
    }
    return nil
  }
}
