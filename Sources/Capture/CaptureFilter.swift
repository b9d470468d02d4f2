import Wire

/// What of an interface's frames the kernel hands over: those of which a boot can be made.
package struct CaptureFilter: Sendable {
  /// The TCP ports that speak HTTP.
  package let httpPorts: [UInt16]

  package init(httpPorts: [UInt16] = [80]) { self.httpPorts = httpPorts }

  /// The filter in libpcap's language: pcap-filter(7).
  ///
  /// The ports of a TFTP transfer are chosen when it begins, and a filter that were changed then
  /// would come too late for its first packet. So all that looks like DATA, ACK, ERROR or OACK is
  /// let through, and ``MachineTraffic`` takes what belongs to somebody who asked. The later
  /// fragments of a large block, or of a large DHCP message, have no ports at all.
  func text(for link: LinkType) -> String {
    let udp = [67, 68, 4011, 69, 53].map { "udp port \($0)" }
    let tcp = ([53] + httpPorts).map { "tcp port \($0)" }
    let transfer = "(udp[8:2] >= 3 and udp[8:2] <= 6)"
    let fragment = "(ip proto 17 and ip[6:2] & 0x1fff != 0)"
    let wanted = "(ip and (\((udp + tcp + [transfer, fragment]).joined(separator: " or "))))"
    // `vlan` moves all that follows it behind the tag; cooked frames have none to look behind.
    return link == .ethernet ? "\(wanted) or (vlan and \(wanted))" : wanted
  }
}
