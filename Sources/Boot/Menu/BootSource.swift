/// Where a kernel or an initial RAM disk is: a path below the files tree, or a URL of elsewhere.
struct BootSource: Equatable {
  enum Place: Equatable {
    /// Without a slash at its front.
    case file(String)
    case url(scheme: String, host: String, path: String)
  }

  let place: Place
  /// As the profile has it, without control characters.
  let text: String

  init(_ text: String) {
    let text = BootText.line(text)
    self.text = text
    guard let colon = text.firstRange(of: "://") else {
      place = .file(String(text.drop { $0 == "/" }))
      return
    }
    let rest = text[colon.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    place = .url(
      scheme: text[..<colon.lowerBound].lowercased(), host: String(rest[..<slash]),
      path: String(rest[slash...].drop { $0 == "/" }))
  }

  /// The last part, as `initrd.gz`.
  var name: String {
    String(text.split(separator: "/").last ?? "")
  }
}
