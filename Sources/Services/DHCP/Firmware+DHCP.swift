import Boot
import Bytes
import Wire

extension Firmware {
  /// What a DHCP message says of the firmware that sent it; nil for a client that does not boot.
  ///
  /// iPXE is told by its user class, or by option 175 where a vendor's build sends no user class
  /// (FlexBoot). Built without HTTP (sub-option 19) it is a PXE client like any other: it gets a
  /// loader of ours first.
  init?(_ message: borrowing DHCPMessage) throws(Malformed) {
    let code = try message.clientArchitecture
    let row = code.flatMap { FirmwareRow.row(for: $0) }
    if try message.isFromIPXE {
      self.init(kind: .ipxe, architecture: row?.architecture, code: code)
      return
    }
    let asksPXE = try message.vendorClassBegins(with: "PXEClient")
    let asksHTTP = try message.vendorClassBegins(with: "HTTPClient")
    guard code != nil || asksPXE || asksHTTP else { return nil }
    self.init(
      kind: asksHTTP ? .http : row?.kind ?? .pxe, architecture: row?.architecture, code: code)
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
}
