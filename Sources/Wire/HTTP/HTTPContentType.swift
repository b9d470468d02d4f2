/// What a file holds, told by the end of its name.
package enum HTTPContentType: String, Sendable {
  case plainText = "text/plain; charset=utf-8"
  case html = "text/html; charset=utf-8"
  case json = "application/json"
  case xml = "application/xml"
  case yaml = "application/yaml"
  /// RFC 9457.
  case problem = "application/problem+json"
  /// Server-sent events.
  case eventStream = "text/event-stream"
  /// UEFI HTTP boot runs a file as a program by its name or by this type (UEFI 2.10 §24.7.3.1).
  case program = "application/efi"
  case iso = "application/x-iso9660-image"
  case gzip = "application/gzip"
  case octets = "application/octet-stream"

  /// The type of a file called `name`. Scripts and answer files are text, so that a browser shows
  /// them; what is not known is octets.
  package init(forName name: String) {
    let octets = name.utf8
    guard let dot = octets.lastIndex(of: 0x2e), octets.distance(from: dot, to: octets.endIndex) < 9
    else {
      self = .octets
      return
    }
    self =
      switch name[octets.index(after: dot)...].lowercased() {
      case "ipxe", "txt", "cfg", "conf", "ks", "seed", "sh", "log", "sha256": .plainText
      case "html", "htm": .html
      case "json", "ign": .json
      case "xml": .xml
      case "yaml", "yml": .yaml
      case "efi": .program
      case "iso": .iso
      case "gz", "tgz": .gzip
      default: .octets
      }
  }
}
