import Boot
import Network
import Wire

/// How a reply says what to boot: which options, and what the BOOTP fields hold. Every firmware
/// wants it in its own place; the rows of ``Quirk`` say where.
struct BootOptions {
  /// In which answer they stand.
  enum Role {
    /// Ours, with an address.
    case address
    /// A proxyDHCP OFFER, beside another server's.
    case proxyOffer
    /// From port 4011, or to who looks for a boot server.
    case bootServer
  }

  /// `file`; empty: none.
  private(set) var file = ""
  /// Whether option 67 holds it too.
  private(set) var hasFileOption = false
  /// Whether option 66 holds our address.
  private(set) var hasServerOption = false
  /// Option 60; empty: none.
  private(set) var vendorClass = ""
  /// Option 43; empty: none.
  private(set) var vendorSpecific: [UInt8] = []
  /// Option 175; empty: none.
  private(set) var ipxe: [UInt8] = []

  /// Our address and HTTP ports as the client reaches them.
  struct Server {
    let address: IPv4Address
    /// nil: no HTTP here.
    let httpPort: UInt16?
    var httpsPort: UInt16?
    /// The digest of the authority that iPXE is to trust; empty: none.
    var trust: [UInt8] = []
    /// Added to the script's URL where the address that it is asked from tells nobody.
    var machine: MACAddress?

    /// The URL of `path`, which begins with a slash, by HTTPS where there is no HTTP; nil where
    /// there is neither.
    func url(_ path: String) -> String? {
      guard httpPort != nil || httpsPort != nil else { return nil }
      return Variables.Server(address: address, httpPort: httpPort, httpsPort: httpsPort).http
        + path
    }
  }

  /// nil: nothing to boot from here.
  init?(_ instruction: BootInstruction, _ firmware: Firmware?, _ role: Role, _ server: Server) {
    switch instruction {
    case .script:
      let query = server.machine.map { "?mac=\($0.dashed)" } ?? ""
      guard let url = server.url("/boot.ipxe" + query) else { return nil }
      file = url
      hasFileOption = role == .address
      if role == .address {
        ipxe = Self.trust(server.trust) + Self.withoutProxy
      } else {
        vendorClass = Self.pxe
        vendorSpecific = Self.offeredFile
      }
    case .loader(let loader):
      // iPXE believes it only from before its own time: it reads the firmware's ACK.
      if role == .address { ipxe = Self.trust(server.trust) }
      if Quirk.httpClientWantsItsClass.applies(to: firmware) {
        guard setURL(server.url("/" + loader.name)) else { return nil }
      } else {
        setLoader(loader.name, firmware, role)
      }
    case .native:
      guard setNative(firmware, role, server) else { return nil }
    case .local, .unsupported, .nothing, .ignore: return nil
    }
  }

  /// UEFI HTTP Boot drops what has not its own class (``Quirk/httpClientWantsItsClass``); the URL
  /// holds an address, because what it starts may know no names (``Quirk/urlsHoldAddresses``).
  private mutating func setURL(_ url: String?) -> Bool {
    guard let url else { return false }
    (file, hasFileOption, vendorClass) = (url, true, Self.http)
    return true
  }

  private mutating func setLoader(_ name: String, _ firmware: Firmware?, _ role: Role) {
    switch role {
    case .address:
      // No option 60: with it and no 43, ``Quirk/classMakesBINL``.
      (file, hasFileOption, hasServerOption) = (name, true, true)
    case .proxyOffer:
      vendorClass = Self.pxe
      if Quirk.proxyOfferLeadsEFIToBootServer.applies(to: firmware) { return }
      (file, vendorSpecific) = (name, Self.offeredFile)
    case .bootServer:
      (file, vendorClass) = (name, Self.pxe)
      if Quirk.offeredFileIsEnough.applies(to: firmware) { vendorSpecific = Self.offeredFile }
    }
  }

  private mutating func setNative(
    _ firmware: Firmware?, _ role: Role, _ server: Server
  ) -> Bool {
    if firmware?.kind == .http { return setURL(server.url("/" + Self.ubootScript)) }
    if Quirk.piMenu.applies(to: firmware) {
      // Neither file nor 67, by ``Quirk/piNamesItsFiles``; 66 by ``Quirk/piTakesServerAsText``.
      (vendorClass, vendorSpecific, hasServerOption) = (Self.pxe, RaspberryPi.menu, true)
      return true
    }
    // ``Quirk/bootpFieldsOnly``; a proxyDHCP has nothing for it (``Quirk/firstOfferIsTaken``).
    file = Self.ubootScript
    return role == .address
  }

  private static let pxe = "PXEClient"
  private static let http = "HTTPClient"
  private static let ubootScript = "boot.scr.uimg"
  /// iPXE's no-pxedhcp (``Quirk/noProxyToWaitFor``).
  private static let withoutProxy: [UInt8] = [176, 1, 1]
  /// iPXE's sub-option 90, the SHA-256 of an authority's certificate in DER form. Whoever answers
  /// DHCP can send one: convenience, no defence.
  private static func trust(_ digest: [UInt8]) -> [UInt8] {
    digest.isEmpty ? [] : [90, UInt8(clamping: digest.count)] + digest
  }
  /// ``Quirk/offeredFileIsEnough``, and a prompt of no time.
  private static let offeredFile: [UInt8] =
    [6, 1, 8, 10, 4, 0] + Array("PXE".utf8) + [255]
}

extension BootOptions {
  /// Answers the choice of a menu with the choice (``Quirk/bootServerEchoesChoice``).
  mutating func echo(choice: [UInt8]) { vendorSpecific = choice }
}
