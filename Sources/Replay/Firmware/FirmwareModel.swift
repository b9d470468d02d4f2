import Boot
import Network

/// The firmware that models are of: a row each, with what it is known by.
package enum FirmwareModel: String, CaseIterable, Sendable {
  /// SeaBIOS with iPXE in the network card's ROM, as QEMU has it.
  case ipxeROM = "ipxe-rom"
  /// The same in UEFI.
  case ipxeEFIx64 = "ipxe-efi-x64"
  case biosROM = "bios-rom"
  case edk2PXEx64 = "edk2-pxe-x64"
  case edk2PXEarm64 = "edk2-pxe-arm64"
  case edk2HTTPx64 = "edk2-http-x64"
  case edk2HTTParm64 = "edk2-http-arm64"
  case ubootARM64 = "u-boot-arm64"
  case raspberryPi3 = "raspberry-pi-3"
  case raspberryPi4 = "raspberry-pi-4"
  case raspberryPi5 = "raspberry-pi-5"
  case udhcpc

  package var architecture: Architecture {
    switch self {
    case .ipxeROM, .biosROM, .udhcpc: .x86BIOS
    case .ipxeEFIx64, .edk2PXEx64, .edk2HTTPx64: .x8664EFI
    case .edk2PXEarm64, .edk2HTTParm64: .arm64EFI
    case .ubootARM64: .arm64UBoot
    case .raspberryPi3: .raspberryPi3
    case .raspberryPi4, .raspberryPi5: .raspberryPi
    }
  }

  var program: any BootProgram {
    switch self {
    case .ipxeROM: IPXEProgram(.rom, .x86BIOS)
    case .ipxeEFIx64: IPXEProgram(.rom, .x8664EFI)
    case .biosROM: PXEFirmware.bios
    case .edk2PXEx64: PXEFirmware.edk2(7, .x8664EFI)
    case .edk2PXEarm64: PXEFirmware.edk2(11, .arm64EFI)
    case .edk2HTTPx64: HTTPBootFirmware(16, .x8664EFI)
    case .edk2HTTParm64: HTTPBootFirmware(19, .arm64EFI)
    case .ubootARM64: UBootFirmware(.arm64UBoot)
    case .raspberryPi3: RaspberryPiFirmware(.pi3)
    case .raspberryPi4: RaspberryPiFirmware(.pi4)
    case .raspberryPi5: RaspberryPiFirmware(.pi5)
    case .udhcpc: PlainSystem()
    }
  }
}

extension FirmwareModel {
  /// The model of a firmware that was seen; nil: there is none of it.
  package init?(_ firmware: Firmware?) {
    guard let firmware else {
      self = .udhcpc
      return
    }
    switch (firmware.kind, firmware.architecture) {
    case (.ipxe, .x86BIOS): self = .ipxeROM
    case (.ipxe, .x8664EFI): self = .ipxeEFIx64
    case (.pxe, .x86BIOS): self = .biosROM
    case (.pxe, .x8664EFI): self = .edk2PXEx64
    case (.pxe, .arm64EFI): self = .edk2PXEarm64
    case (.http, .x8664EFI): self = .edk2HTTPx64
    case (.http, .arm64EFI): self = .edk2HTTParm64
    case (.uboot, _): self = .ubootARM64
    case (.pi, .raspberryPi3): self = .raspberryPi3
    case (.pi, _): self = .raspberryPi4
    case (_, _): return nil
    }
  }
}

extension BootMachine {
  /// A machine that is switched off.
  ///
  /// - Parameters:
  ///   - rest: How long after a failure it is switched on again; nil: it gives up.
  ///   - servers: All that is known to answer; what it fetches from others is taken to be there.
  package init(
    _ model: FirmwareModel, _ identity: MachineIdentity,
    restingAfterFailure rest: Duration? = nil, among servers: Set<IPv4Address>? = nil
  ) {
    self.init(
      identity, model.architecture, model.program, restingAfterFailure: rest, among: servers)
  }

  /// A machine taken over on its way.
  ///
  /// - Parameters:
  ///   - architecture: The firmware's own, which every program must be built for.
  ///   - lease: The address that it has, and what it was told besides.
  package init(
    resuming place: BootPlace, _ identity: MachineIdentity, _ architecture: Architecture,
    lease: StationLease, among servers: Set<IPv4Address>? = nil
  ) {
    let program: any BootProgram =
      switch place {
      case .firmware(let firmware): Self.program(of: firmware)
      case .ipxe: IPXEProgram(.rom, architecture, isLeased: true)
      case .script(let text, let url): IPXEProgram(script: text, from: url, architecture)
      case .program(let url, let octets, let count):
        StartedProgram(FetchedFile(url: url, byteCount: count, head: octets))
      }
    self.init(identity, architecture, program, lease: lease, among: servers)
  }

  private static func program(of firmware: Firmware) -> any BootProgram {
    let architecture = firmware.architecture ?? .x86BIOS
    switch firmware.kind {
    case .http: return HTTPBootFirmware(firmware.code ?? 16, architecture)
    case .ipxe: return IPXEProgram(.rom, architecture, isLeased: true)
    case .uboot: return UBootFirmware(architecture)
    case .pi: return RaspberryPiFirmware(architecture == .raspberryPi3 ? .pi3 : .pi4)
    case .pxe, .grub:
      return architecture == .x86BIOS
        ? PXEFirmware.bios : PXEFirmware.edk2(firmware.code ?? 7, architecture)
    }
  }
}

/// Where in its boot a machine is taken over.
package enum BootPlace: Sendable {
  /// This firmware has its address and was told its boot file: it fetches that next.
  case firmware(Firmware)
  /// iPXE, likewise.
  case ipxe
  /// iPXE was given this script, from there.
  case script(String, from: BootURL)
  /// The firmware was given this program: its URL, its first bytes where they are known, its size.
  case program(BootURL, [UInt8]?, byteCount: Int)
}

/// A program that was fetched already.
struct StartedProgram: BootProgram {
  let file: FetchedFile

  init(_ file: FetchedFile) { self.file = file }

  mutating func resume(_ finding: Finding, _ station: inout Station) -> Turn {
    ProgramImage.start(file, &station)
  }
}
