/// What hostile bytes are thrown at: each of them is a reader of strangers' bytes, or a whole service.
///
/// Its name is the argument of `make fuzz TARGET=…` and a folder of `Fixtures/findings`.
package enum FuzzTarget: String, CaseIterable, Sendable {
  case dhcp
  case options
  case dhcpService = "dhcp-service"
  case tftp
  case tftpService = "tftp-service"
  case dns
  case dnsService = "dns-service"
  case httpHead = "http-head"
  case httpService = "http-service"
  case link
  case pcap
  case tcp
  case recording
  case elidedList = "elided-list"
  case yaml
  case json
  case configuration
  case template
  case ipxeScript = "ipxe-script"
  case menus
  case report

  /// Lets the target take the bytes.
  ///
  /// - Throws: When something that must hold of any bytes does not. A trap is a finding as well.
  package func take(_ octets: [UInt8]) throws(BrokenPromise) {
    switch self {
    case .dhcp: try Self.takeDHCP(octets)
    case .options: try Self.takeOptions(octets)
    case .dhcpService: try Self.takeDHCPService(octets)
    case .tftp: try Self.takeTFTP(octets)
    case .tftpService: try Self.takeTFTPService(octets)
    case .dns: try Self.takeDNS(octets)
    case .dnsService: try Self.takeDNSService(octets)
    case .httpHead: try Self.takeHTTPHead(octets)
    case .httpService: try Self.takeHTTPService(octets)
    case .link: Self.takeLink(octets)
    case .pcap: try Self.takePcap(octets)
    case .tcp: try Self.takeTCP(octets)
    case .recording: try Self.takeRecording(octets)
    case .elidedList: Self.takeElidedList(octets)
    case .yaml: try Self.takeYAML(octets)
    case .json: try Self.takeJSON(octets)
    case .configuration: try Self.takeConfiguration(octets)
    case .template: try Self.takeTemplate(octets)
    case .ipxeScript: Self.takeIPXEScript(octets)
    case .menus: Self.takeMenus(octets)
    case .report: Self.takeReport(octets)
    }
  }
}

/// Something that is to hold whatever the bytes are, and did not.
package struct BrokenPromise: Error, CustomStringConvertible {
  package let description: String

  /// - Throws: Itself, unless `condition` holds.
  static func unless(
    _ condition: Bool, _ promise: @autoclosure () -> String
  ) throws(BrokenPromise) {
    guard !condition else { return }
    throw BrokenPromise(description: promise())
  }
}
