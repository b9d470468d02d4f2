import Boot
import Network

extension DHCPService {
  /// Where a Raspberry Pi's file may be (``Quirk/piPrefixFallsBack``): below the machine's own
  /// folder, beside all other files, among the loaders. nil: it is no such name, and who asks is
  /// known to be something else.
  ///
  /// A Pi asks for every file below its serial number or hardware address first, and goes on to names
  /// without it only if the first few are missing there; what is not in its folder is found all the
  /// same.
  func raspberryPiFile(
    _ path: BootPath, for arrival: Arrival, at now: Instant
  ) -> Content? {
    if let rest = path.afterFirst, let first = path.components.first, Self.isPrefixOfPi(first) {
      return .firstFile([
        Content.Place(.files, path), Content.Place(.files, rest), Self.piLoader(rest),
      ])
    }
    // Its ROM is seen by DHCP before; who was not seen at all may be one.
    let firmware = sighting(at: arrival.source.address, at: now)?.firmware
    guard firmware == nil || firmware?.kind == .pi else { return nil }
    return .firstFile([Content.Place(.files, path), Self.piLoader(path)])
  }

  private static func piLoader(_ path: BootPath) -> Content.Place {
    Content.Place(.loaders, path.below("pi"))
  }

  /// Eight digits of a serial number, or a hardware address with dashes, both in lower case.
  private static func isPrefixOfPi(_ text: String) -> Bool {
    if text.utf8.count == 17 { return MACAddress(text)?.dashed == text }
    return text.utf8.count == 8
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
      }
  }
}
