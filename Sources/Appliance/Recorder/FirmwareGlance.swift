import Bytes
import Network

/// What the recorder wants to know of a DHCP message before anybody has read it.
///
/// Nothing is checked here beyond what is needed not to read behind the end: the service judges.
struct FirmwareGlance {
  let machine: MACAddress
  var isDiscover = false
  /// Whether it says that it boots: option 93, or a class that only boot programs have.
  var isOfFirmware = false
  /// Whether iPXE says it, which goes on with what firmware began.
  var isOfIPXE = false

  /// nil for what is no message about one Ethernet machine.
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.options, bytes.octet(at: 1) == 1, bytes.octet(at: 2) == 6 else {
      return nil
    }
    let start = 28
    machine = MACAddress(
      bytes.octet(at: start), bytes.octet(at: start + 1), bytes.octet(at: start + 2),
      bytes.octet(at: start + 3), bytes.octet(at: start + 4), bytes.octet(at: start + 5))
    guard machine.isUnicast else { return nil }
    read(bytes)
  }

  private static let options = 240

  private mutating func read(_ bytes: RawSpan) {
    var offset = Self.options
    while offset < bytes.byteCount {
      let code = bytes.octet(at: offset)
      if code == 255 { return }
      guard code != 0 else {
        offset += 1
        continue
      }
      guard offset + 1 < bytes.byteCount else { return }
      let count = Int(bytes.octet(at: offset + 1))
      let start = offset + 2
      guard start + count <= bytes.byteCount else { return }
      switch code {
      case 53: isDiscover = count == 1 && bytes.octet(at: start) == 1
      case 93: isOfFirmware = true
      case 60:
        // PXEClient, HTTPClient, U-Boot: no other client's class begins with these letters.
        isOfFirmware = isOfFirmware || Self.begins(bytes, start, count)
      // iPXE's own class, and its encapsulated options.
      case 77, 175: isOfIPXE = true
      default: break
      }
      offset = start + count
    }
  }

  private static func begins(_ bytes: RawSpan, _ start: Int, _ count: Int) -> Bool {
    guard count >= 6 else { return false }
    let first = (bytes.octet(at: start), bytes.octet(at: start + 1), bytes.octet(at: start + 2))
    return first == (0x50, 0x58, 0x45) || first == (0x48, 0x54, 0x54) || first == (0x55, 0x2d, 0x42)
  }
}
