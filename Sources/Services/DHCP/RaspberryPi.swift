import Boot
import Bytes
import Network
import Wire

/// How a Raspberry Pi's bootloaders are told from a PC's, whose architecture code they send
/// (``Quirk/piIsToldByOption97``).
enum RaspberryPi {
  /// nil: no Raspberry Pi. The message has the class PXEClient.
  static func architecture(of message: borrowing DHCPMessage) throws(Malformed) -> Architecture? {
    let machine = message.hardwareAddress.macAddress
    let hasClass = try message.isOfClassOfPi
    let told = try message.withValue(of: DHCPOption.clientUUID) {
      value throws(Malformed) -> Architecture? in
      switch Identifier(value) {
      case .named: .raspberryPi
      case _ where !hasClass: nil
      case .anonymous: .raspberryPi3
      // The address of a Pi 3 ends like its serial number; a Pi 4 has another vendor's block.
      case .repeated(let serial):
        serial & 0xff_ffff == UInt32(truncatingIfNeeded: (machine?.number ?? 0) & 0xff_ffff)
          ? .raspberryPi3 : .raspberryPi
      case nil: nil
      }
    }
    if let told { return told }
    // Its option 97 can be set to anything. A PC's class on a board that cannot be a PC is left.
    guard let machine, vendors.contains(UInt32(machine.number >> 24)),
      try message.clientArchitecture == 0
    else { return nil }
    return .raspberryPi
  }

  /// The serial number in option 97; nil where it has none.
  static func serial(_ value: RawSpan) -> UInt32? {
    switch Identifier(value) {
    case .named(let serial), .repeated(let serial): serial
    case .anonymous, nil: nil
    }
  }

  /// What option 97 holds.
  private enum Identifier {
    /// `RPi4`, revision, part of the hardware address, serial: since 2020-03.
    case named(serial: UInt32)
    /// The serial number four times.
    case repeated(serial: UInt32)
    /// The ROM of the Pi 3 sends the same on every board.
    case anonymous

    init?(_ value: RawSpan) {
      guard value.byteCount == 17, value.octet(at: 0) == 0 else { return nil }
      let last = RaspberryPi.word(value, at: 13)
      if value.extracting(1..<17).hasPrefix("RPi") {
        self = .named(serial: last)
        return
      }
      for offset in [1, 5, 9] where RaspberryPi.word(value, at: offset) != last { return nil }
      if last == 0x4444_4444 {
        self = .anonymous
      } else {
        // One octet sixteen times is what boards of PCs have that nobody gave a UUID.
        guard last != last.byteSwapped || last & 0xff != last >> 8 & 0xff else { return nil }
        self = .repeated(serial: last)
      }
    }
  }

  /// Little-endian: ``Quirk/piSerialIsLittleEndian``.
  private static func word(_ value: RawSpan, at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(value.octet(at: offset + $1)) << UInt32(8 * $1) }
  }

  /// The blocks of addresses that Raspberry Pis have.
  private static let vendors: [UInt32] = [
    0xb827eb, 0xdca632, 0xe45f01, 0xd83add, 0x28cdc1, 0x2ccf67,
  ]

  /// What the Pi looks for in option 43 (``Quirk/piMenu``): discovery neither by broadcast nor by
  /// multicast, a prompt of no time, and a menu of one entry.
  static let menu: [UInt8] =
    [6, 1, 3, 10, 4, 0] + Array("PXE".utf8) + [9, 23, 0, 0, 20] + Array("Raspberry Pi Boot   ".utf8)
    + [255]
}

extension DHCPMessage {
  /// Whether it has the class that all Raspberry Pis send; it is also that of many BIOS ROMs.
  fileprivate var isOfClassOfPi: Bool {
    get throws(Malformed) {
      try withValue(of: DHCPOption.vendorClass) { value throws(Malformed) -> Bool? in
        value.equals("PXEClient:Arch:00000:UNDI:002001")
      } ?? false
    }
  }

  /// The serial number that option 97 shows in place of a UUID: a Raspberry Pi's, eight hexadecimal
  /// digits, or text (``Quirk/serialInPlaceOfUUID``). nil: none.
  var clientSerial: String? {
    get throws(Malformed) {
      let isPXE = try isOfClassOfPi
      return try withValue(of: DHCPOption.clientUUID) { value throws(Malformed) -> String? in
        if let serial = isPXE ? RaspberryPi.serial(value) : nil {
          let digits = String(serial, radix: 16)
          return String(repeating: "0", count: 8 - digits.utf8.count) + digits
        }
        return value.serialText
      }
    }
  }
}

extension RawSpan {
  /// Six letters and digits at least, then zeros to the end, after the type octet 0.
  fileprivate var serialText: String? {
    guard byteCount == 17, octet(at: 0) == 0 else { return nil }
    var count = 0
    while count < 16, Self.isAlphanumeric(octet(at: 1 + count)) { count += 1 }
    guard (6..<16).contains(count) else { return nil }
    for index in 1 + count..<17 where octet(at: index) != 0 { return nil }
    return String(decoding: extracting(1..<1 + count).octets(), as: UTF8.self)
  }

  private static func isAlphanumeric(_ octet: UInt8) -> Bool {
    switch octet {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    default: false
    }
  }
}
