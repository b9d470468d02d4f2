import Bytes

/// A file whose transfer a recording holds, and what became of its bytes there.
package struct ElidedFile: Hashable, Sendable {
  /// `tftp://SERVER/NAME` or `http://HOST/TARGET`, `POST http://…` for what a machine sent; printable.
  package let name: String
  /// What was recorded of it, in order.
  package let octets: [UInt8]
  /// How long it is; nil where the recording does not say.
  package let byteCount: Int?
  /// Whether the bytes were left in, because they are text.
  package let isKept: Bool

  init(name: some Sequence<UInt8>, octets: [UInt8], byteCount: Int?, isKept: Bool) {
    self.name = Self.printable(name)
    self.octets = octets
    self.byteCount = byteCount
    self.isKept = isKept
  }

  /// Whether all of it was recorded.
  package var isWhole: Bool { byteCount == octets.count }

  /// Whether it holds nothing but zeros, as one that was elided before.
  package var isBlank: Bool { octets.allSatisfy { $0 == 0 } }

  private static let longestName = 1024

  static func printable(_ name: some Sequence<UInt8>) -> String {
    var text = ""
    for octet in TokenMask.masked(Array(name.prefix(longestName))) {
      if octet > 0x20 && octet < 0x7f {
        text.unicodeScalars.append(Unicode.Scalar(octet))
      } else {
        text += "%" + Hexadecimal.text([octet])
      }
    }
    return text
  }
}

/// Tells text, which makes a recording worth reading and replaying, from programs and images.
enum BootText {
  /// Scripts, menus and answers are shorter; the bytes of whatever is longer are somebody's.
  static let longest = 65_536

  static func matches(_ octets: [UInt8]) -> Bool {
    guard !octets.isEmpty, octets.count <= longest else { return false }
    return isText(isScriptImage(octets) ? Array(octets[imageHead...]) : octets)
  }

  /// U-Boot's legacy image head, and the table of one length and its end.
  private static let imageHead = 72

  /// A `boot.scr` is a script behind a head: magic number 27051956, type 6 (U-Boot's image.h).
  private static func isScriptImage(_ octets: [UInt8]) -> Bool {
    octets.count > imageHead && octets.starts(with: [0x27, 0x05, 0x19, 0x56]) && octets[30] == 6
  }

  /// UTF-8 without control characters but tab, line ends, form feed and escape, as menus have them.
  private static func isText(_ octets: [UInt8]) -> Bool {
    let controls: Set<UInt8> = [9, 10, 12, 13, 27]
    return octets.allSatisfy { $0 >= 0x20 && $0 != 0x7f || controls.contains($0) }
      && String(validating: octets, as: UTF8.self) != nil
  }
}
