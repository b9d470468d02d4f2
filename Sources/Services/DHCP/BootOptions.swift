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
  init?(
    _ decision: Decision, _ firmware: Firmware?, _ role: Role, _ server: Server,
    noting origins: inout Origins
  ) {
    switch decision.instruction {
    case .script:
      let query = server.machine.map { "?mac=\($0.dashed)" } ?? ""
      guard let url = server.url("/boot.ipxe" + query) else { return nil }
      file = url
      origins.note(.file, .script(profile: decision.profile?.name))
      setScript(role, server, noting: &origins)
      if hasFileOption {
        origins.note(
          .option(DHCPOption.bootFileName), .script(profile: decision.profile?.name))
      }
    case .loader(let loader):
      if Quirk.httpClientWantsItsClass.applies(to: firmware) {
        guard setURL(server.url("/" + loader.name), noting: &origins) else { return nil }
      } else {
        setLoader(loader.name, firmware, role, noting: &origins)
      }
      // iPXE believes it only from before its own time: it reads the firmware's ACK.
      if role == .address { setTrust(server, noting: &origins) }
      guard !file.isEmpty else { return }
      origins.note(.file, .loader(profile: decision.profile?.name))
      if hasFileOption {
        origins.note(
          .option(DHCPOption.bootFileName), .loader(profile: decision.profile?.name))
      }
    case .native:
      guard setNative(firmware, role, server, noting: &origins) else { return nil }
    case .local:
      // Beside another server we leave it to that one.
      guard role == .address, Quirk.menuItemZeroIsTheDisk.applies(to: firmware) else { return nil }
      setClass(Self.pxe, .quirk(Quirk.menuItemZeroIsTheDisk), noting: &origins)
      vendorSpecific = Self.localMenu
      origins.note(.option(DHCPOption.vendorSpecific), .quirk(Quirk.menuItemZeroIsTheDisk))
    case .unsupported, .nothing, .ignore: return nil
    }
    if hasServerOption { origins.note(.option(DHCPOption.tftpServerName), .ours) }
  }

  private mutating func setScript(
    _ role: Role, _ server: Server, noting origins: inout Origins
  ) {
    hasFileOption = role == .address
    if role == .address {
      setTrust(server, noting: &origins)
      ipxe += Self.withoutProxy
      origins.note(.option(DHCPOption.ipxe), .quirk(Quirk.noProxyToWaitFor))
    } else {
      origins.note(.nextServer, .quirk(Quirk.proxyOfferHasNextServer))
      setClass(Self.pxe, .rule("of PXE's servers (PXE 2.1 \u{a7}2.2.3)"), noting: &origins)
      setOfferedFile(noting: &origins)
    }
  }

  private mutating func setTrust(_ server: Server, noting origins: inout Origins) {
    guard !server.trust.isEmpty else { return }
    ipxe = Self.trust(server.trust)
    origins.note(.option(DHCPOption.ipxe), .authority)
  }

  private mutating func setClass(
    _ name: String, _ origin: @autoclosure () -> Origin, noting origins: inout Origins
  ) {
    vendorClass = name
    origins.note(.option(DHCPOption.vendorClass), origin())
  }

  private mutating func setOfferedFile(noting origins: inout Origins) {
    vendorSpecific = Self.offeredFile
    origins.note(.option(DHCPOption.vendorSpecific), .quirk(Quirk.offeredFileIsEnough))
  }

  /// UEFI HTTP Boot drops what has not its own class (``Quirk/httpClientWantsItsClass``); the URL
  /// holds an address, because what it starts may know no names (``Quirk/urlsHoldAddresses``).
  private mutating func setURL(_ url: String?, noting origins: inout Origins) -> Bool {
    guard let url else { return false }
    (file, hasFileOption) = (url, true)
    setClass(Self.http, .quirk(Quirk.httpClientWantsItsClass), noting: &origins)
    return true
  }

  private mutating func setLoader(
    _ name: String, _ firmware: Firmware?, _ role: Role, noting origins: inout Origins
  ) {
    switch role {
    case .address:
      // No option 60: with it and no 43, ``Quirk/classMakesBINL``.
      (file, hasFileOption, hasServerOption) = (name, true, true)
    case .proxyOffer:
      if Quirk.proxyOfferLeadsEFIToBootServer.applies(to: firmware) {
        setClass(Self.pxe, .quirk(Quirk.proxyOfferLeadsEFIToBootServer), noting: &origins)
        return
      }
      setClass(Self.pxe, .rule("of PXE's servers (PXE 2.1 \u{a7}2.2.3)"), noting: &origins)
      file = name
      setOfferedFile(noting: &origins)
    case .bootServer:
      file = name
      setClass(Self.pxe, .rule("of PXE's servers (PXE 2.1 \u{a7}2.2.3)"), noting: &origins)
      if Quirk.offeredFileIsEnough.applies(to: firmware) { setOfferedFile(noting: &origins) }
    }
  }

  private mutating func setNative(
    _ firmware: Firmware?, _ role: Role, _ server: Server, noting origins: inout Origins
  ) -> Bool {
    if firmware?.kind == .http {
      guard setURL(server.url("/" + Self.ubootScript), noting: &origins) else { return false }
      origins.note(.file, .rule("the script that U-Boot runs"))
      origins.note(.option(DHCPOption.bootFileName), .rule("the script that U-Boot runs"))
      return true
    }
    if Quirk.piMenu.applies(to: firmware) {
      // Neither file nor 67, by ``Quirk/piNamesItsFiles``; 66 by ``Quirk/piTakesServerAsText``.
      (vendorSpecific, hasServerOption) = (RaspberryPi.menu, true)
      setClass(Self.pxe, .quirk(Quirk.piMenu), noting: &origins)
      origins.note(.option(DHCPOption.vendorSpecific), .quirk(Quirk.piMenu))
      return true
    }
    // ``Quirk/bootpFieldsOnly``; a proxyDHCP has nothing for it (``Quirk/firstOfferIsTaken``).
    guard role == .address else { return false }
    file = Self.ubootScript
    origins.note(.file, .quirk(Quirk.bootpFieldsOnly))
    return true
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
  /// ``Quirk/menuItemZeroIsTheDisk``: nobody is asked (6 = 3), and nothing is waited for (10).
  private static let localMenu: [UInt8] =
    [6, 1, 3, 9, 13, 0, 0, 10] + Array("local disk".utf8) + [10, 4, 0] + Array("PXE".utf8) + [255]
}

extension BootOptions {
  /// Answers the choice of a menu with the choice (``Quirk/bootServerEchoesChoice``).
  mutating func echo(choice: [UInt8], noting origins: inout Origins) {
    vendorSpecific = choice
    origins.note(.option(DHCPOption.vendorSpecific), .quirk(Quirk.bootServerEchoesChoice))
  }
}
