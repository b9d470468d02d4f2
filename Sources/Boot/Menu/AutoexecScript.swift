/// `autoexec.ipxe`: takes iPXE to its script without a second DHCP round.
///
/// iPXE 1.21 and later knows the lease of the firmware that started it (on EFI, and on BIOS from
/// undionly), and only has to open that interface. What has no lease asks for one, so that the
/// script serves every build.
struct AutoexecScript {
  let server: Variables.Server

  func render() -> String {
    var lines = ["#!ipxe"]
    for number in 0..<4 {
      lines.append("isset ${net\(number)/ip} && ifopen net\(number) && goto script ||")
    }
    // Fetched and started apart: a script that leaves to the local disk is no failure.
    lines += [
      "goto lease", ":script", "imgfetch --name boot.ipxe \(url) && goto start ||", ":lease",
      "dhcp || exit 1", "imgfetch --name boot.ipxe \(url) || exit 1", ":start",
      "imgexec boot.ipxe",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private var url: String { "\(server.http)/boot.ipxe" }
}
