import Boot
import Bytes
import Network
import Wire

extension Firmware {
  /// What a DHCP message says of the firmware that sent it; nil for a client that does not boot.
  ///
  /// iPXE is told by its user class, or by option 175 where a vendor's build sends no user class
  /// (``Quirk/userClassIsMissing``). Built without HTTP (sub-option 19) it is a PXE client like any
  /// other: it gets a loader of ours first.
  package init?(_ message: borrowing DHCPMessage) throws(Malformed) {
    let codes = try ArchitectureCodes(message)
    let asksPXE = try message.vendorClassBegins(with: "PXEClient")
    let asksHTTP = try message.vendorClassBegins(with: "HTTPClient")
    let code =
      if let first = codes.first { first } else if asksPXE || asksHTTP {
        try message.architectureInVendorClass
      } else { nil as UInt16? }
    let row = codes.row ?? code.flatMap { FirmwareRow.row(for: $0) }
    if try message.isFromIPXE {
      self.init(kind: .ipxe, architecture: row?.architecture, code: code)
      return
    }
    if asksPXE, let architecture = try RaspberryPi.architecture(of: message) {
      self.init(kind: .pi, architecture: architecture, code: code)
      return
    }
    if try message.vendorClassBegins(with: "U-Boot"), row == nil {
      self.init(kind: .uboot, architecture: nil, code: code)
      return
    }
    guard code != nil || asksPXE || asksHTTP else { return nil }
    self.init(
      kind: asksHTTP ? .http : row?.kind ?? .pxe, architecture: row?.architecture, code: code)
  }
}

/// Option 93, which may list several codes (RFC 4578 §2.1).
private struct ArchitectureCodes {
  /// The first that is in the table, else the first.
  let first: UInt16?
  let row: FirmwareRow?

  init(_ message: borrowing DHCPMessage) throws(Malformed) {
    guard let first = try message.clientArchitecture else {
      (self.first, row) = (nil, nil)
      return
    }
    let known = try message.withValue(of: DHCPOption.clientArchitecture) {
      value throws(Malformed) -> FirmwareRow? in
      var reader = ByteReader(value)
      while reader.remaining >= 2 {
        if let row = FirmwareRow.row(for: try reader.read(UInt16.self)) { return row }
      }
      return nil
    }
    row = known
    self.first = known?.code ?? first
  }
}

extension DHCPMessage {
  private static let ipxeFeatureHTTP: UInt8 = 19

  var isFromIPXE: Bool {
    get throws(Malformed) {
      let hasFeatures = try withValue(of: DHCPOption.ipxe) { value throws(Malformed) -> Bool? in
        // Whoever fills the option otherwise is no iPXE.
        do throws(Malformed) {
          return try SubOptions.value(of: Self.ipxeFeatureHTTP, in: value, .padded) != nil
        } catch { return false }
      }
      if let hasFeatures { return hasFeatures }
      return try hasUserClass("iPXE")
    }
  }

  /// The code in `…Client:Arch:NNNNN:…`, for ``Quirk/architectureInClass``. Digits above 9 mean that
  /// it is written in hexadecimal, as U-Boot does; beside option 93 the text is not read at all.
  var architectureInVendorClass: UInt16? {
    get throws(Malformed) {
      try withValue(of: DHCPOption.vendorClass) { value throws(Malformed) -> UInt16? in
        var start = 0
        while start < value.byteCount, value.octet(at: start) != UInt8(ascii: ":") { start += 1 }
        guard value.byteCount >= start + 11,
          value.extracting(start..<value.byteCount).hasPrefix(":Arch:")
        else { return nil }
        var decimal: UInt32? = 0
        var hexadecimal: UInt32 = 0
        for index in start + 6..<start + 11 {
          guard let digit = Hexadecimal.value(value.octet(at: index)) else { return nil }
          decimal = digit > 9 ? nil : decimal.map { $0 * 10 + UInt32(digit) }
          hexadecimal = hexadecimal << 4 | UInt32(digit)
        }
        return UInt16(exactly: decimal ?? hexadecimal)
      }
    }
  }

  /// Whether it is U-Boot's: its interface version (option 94) is 1.0.0, where PXE ROMs and EDK II
  /// have an UNDI of 2 or 3.
  var isFromUBoot: Bool {
    get throws(Malformed) {
      if try vendorClassBegins(with: "U-Boot") { return true }
      return try withValue(of: DHCPOption.networkInterface) { value throws(Malformed) -> Bool? in
        value.byteCount == 3 && value.octet(at: 0) == 1 && value.octet(at: 1) == 0
          && value.octet(at: 2) == 0
      } ?? false
    }
  }
}
