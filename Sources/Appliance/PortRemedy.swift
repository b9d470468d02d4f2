import EventLoop

/// What to do about a program that has one of our ports: its own switch where the program is a known
/// one, in the words of its manual.
struct PortRemedy: CustomStringConvertible {
  let description: String

  init(_ holders: [PortHolder], port: UInt16, on interface: String) {
    let known = holders.lazy.compactMap { Self.known($0, port, interface) }.first
    let off =
      port == 53 ? "set dns: false for \(interface)" : "turn this service off on \(interface)"
    description = "\(known ?? "stop it"), or \(off)"
  }

  private static func known(
    _ holder: PortHolder, _ port: UInt16, _ interface: String
  ) -> String? {
    switch (holder.program, port) {
    // The kernel keeps 15 letters of a program's name.
    case ("systemd-resolve", 53):
      "set DNSStubListener=no in /etc/systemd/resolved.conf and restart systemd-resolved"
    case ("dnsmasq", _):
      libvirtNetwork(holder).map { remedy(ofLibvirt: $0, port) } ?? dnsmasq(port, interface)
    case ("named", 53): "leave \(interface) out of its listen-on"
    case ("unbound", 53): "leave \(interface) out of its interface: lines"
    // Process 1 holds it for a socket unit, whose service is not even running.
    case ("systemd", _): "find and disable its unit by systemctl list-sockets"
    case _: nil
    }
  }

  private static func dnsmasq(_ port: UInt16, _ interface: String) -> String {
    switch port {
    case 53: "stop it, have it listen on other addresses only (dnsmasq: bind-interfaces)"
    case 67: "stop it, have it leave \(interface) out (dnsmasq: no-dhcp-interface=\(interface))"
    case 69: "stop it, have it serve no files (dnsmasq: without enable-tftp)"
    case _: "stop it"
    }
  }

  /// libvirt runs a dnsmasq for each of its networks, and starts it again when it is stopped.
  private static func libvirtNetwork(_ holder: PortHolder) -> String? {
    for argument in holder.arguments.split(separator: " ") {
      guard argument.contains("/libvirt/"), let file = argument.split(separator: "/").last,
        file.hasSuffix(".conf")
      else { continue }
      return String(file.dropLast(5))
    }
    return nil
  }

  private static func remedy(ofLibvirt network: String, _ port: UInt16) -> String {
    let part = port == 53 ? "give it <dns enable=\"no\"/>" : "take its <dhcp> out"
    return "it is libvirt's: virsh net-edit \(network), \(part), then virsh net-destroy \(network)"
      + " and net-start \(network)"
  }
}
