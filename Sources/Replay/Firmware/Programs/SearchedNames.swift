import Network

/// The names by which PXELINUX, U-Boot and GRUB look for what is meant for one machine: the hardware
/// address, then the address in hexadecimal, one digit shorter each time.
enum SearchedNames {
  static func names(_ macAddress: MACAddress, _ address: IPv4Address) -> [String] {
    let digits = String(address.number, radix: 16, uppercase: true)
    let whole = String(repeating: "0", count: 8 - digits.utf8.count) + digits
    return ["01-\(macAddress.dashed)"] + (0..<8).map { String(whole.dropLast($0)) }
  }
}
