import Boot
import Network

/// A PXE client: EDK II's, or a BIOS ROM. One DHCP, one program by TFTP.
struct PXEFirmware: BootProgram {
  let dhcp: DHCPDialect
  let firmware: Firmware
  let tftp: TFTPDialect

  static func edk2(_ code: UInt16, _ architecture: Architecture) -> PXEFirmware {
    PXEFirmware(
      dhcp: .edk2PXE(code),
      firmware: Firmware(kind: .pxe, architecture: architecture, code: code), tftp: .edk2)
  }

  static let bios = PXEFirmware(
    dhcp: .biosROM, firmware: Firmware(kind: .pxe, architecture: .x86BIOS, code: 0),
    tftp: .biosROM)

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch finding {
    case .begun:
      // It goes on mid-way with what another run was told.
      if let lease = station.lease { return fetch(lease) }
      return .run(.dhcp(DHCPExchange(dhcp, firmware)))
    case .leased(let lease): return fetch(lease)
    case .notLeased(let reason):
      return .fail(station.lease == nil ? .address : .bootServer, reason)
    case .fetched(let file): return ProgramImage.start(file, &station)
    case .missed(let reason): return .fail(.bootFile, reason)
    case .woke: return .fail(.bootFile, "nothing is left to do")
    }
  }

  private func fetch(_ lease: StationLease) -> Turn {
    guard let name = lease.bootFile, !name.isEmpty else {
      if lease.bootsLocally, firmware.isEFI { return .end(.booted(how: "starts its local disk")) }
      let remark = lease.remark.map { ": \($0)" } ?? ""
      return .fail(.bootFile, "no answer names a boot file" + remark)
    }
    guard let server = lease.bootServer else {
      return .fail(.bootFile, "no answer says where \(name) is")
    }
    guard !name.contains("://") else {
      return .fail(.bootFile, "\(name) is a URL, and PXE fetches by TFTP")
    }
    return .run(.fetch(Fetch(BootURL(.tftp, host: "\(server)", path: name), tftp, .edk2)))
  }
}

/// UEFI HTTP Boot: one DHCP, one program by HTTP.
struct HTTPBootFirmware: BootProgram {
  let dhcp: DHCPDialect
  let firmware: Firmware

  init(_ code: UInt16, _ architecture: Architecture) {
    dhcp = .edk2HTTP(code)
    firmware = Firmware(kind: .http, architecture: architecture, code: code)
  }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch finding {
    case .begun:
      if let lease = station.lease { return fetch(lease) }
      return .run(.dhcp(DHCPExchange(dhcp, firmware)))
    case .leased(let lease): return fetch(lease)
    case .notLeased(let reason): return .fail(.address, reason)
    case .fetched(let file): return ProgramImage.start(file, &station)
    case .missed(let reason): return .fail(.bootFile, reason)
    case .woke: return .fail(.bootFile, "nothing is left to do")
    }
  }

  private func fetch(_ lease: StationLease) -> Turn {
    guard let text = lease.bootFile, let url = BootURL(text), url.scheme != .tftp else {
      return .fail(.bootFile, "no answer names a URL: \(lease.bootFile ?? "no file at all")")
    }
    return .run(.fetch(Fetch(url, .edk2, .edk2)))
  }
}

/// An installed system or an initial RAM disk: an address is all that it wants.
struct PlainSystem: BootProgram {
  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    switch finding {
    case .begun: return .run(.dhcp(DHCPExchange(.udhcpc, nil)))
    case .leased(let lease):
      return .end(.booted(how: "its system has the address \(lease.address)"))
    case .notLeased(let reason): return .fail(.address, reason)
    case .fetched, .missed, .woke: return .fail(.address, "nothing is left to do")
    }
  }
}
