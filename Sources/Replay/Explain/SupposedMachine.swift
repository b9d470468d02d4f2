import Boot
import Bytes
import Network
import Wire

/// A machine that need not exist: what its DISCOVER would say.
package struct SupposedMachine: Sendable {
  package var macAddress: MACAddress
  /// nil: a system that does not ask to boot.
  package var firmware: Firmware?
  package var uuid: UUID?
  /// Of a Raspberry Pi, eight hexadecimal digits.
  package var serial: String?
  /// Option 60; nil: what the firmware says.
  package var vendorClass: [UInt8]?
  /// Option 77; nil: what the firmware says.
  package var userClass: String?
  package var clientIdentifier: [UInt8] = []
  /// Option 82's circuit identifier, sent where there is a relay.
  package var relayPort: [UInt8] = []

  package init(macAddress: MACAddress, firmware: Firmware?) {
    self.macAddress = macAddress
    self.firmware = firmware
  }

  /// The machine that was seen.
  package init(_ sighting: Sighting) {
    macAddress = sighting.macAddress
    firmware = sighting.firmware
    uuid = sighting.uuid
    serial = sighting.serial
    vendorClass = sighting.vendorClass
    clientIdentifier = sighting.clientIdentifier
    relayPort = sighting.relayPort
  }

  /// `x86-64-efi pxe`, or that it does not boot.
  package var kind: String { firmware.map { "\($0)" } ?? "a system that does not ask to boot" }
}

extension SupposedMachine {
  /// Its DISCOVER as its firmware says it, forwarded by `relay` where there is one.
  package func discover(by relay: IPv4Address?) -> [UInt8] {
    let dialect = dialect
    let octets = dialect.message(
      .discover, codes: dialect.discover,
      MachineIdentity(
        macAddress: macAddress, uuid: uuid, serial: serial.flatMap { UInt32($0, radix: 16) }),
      transactionID: dialect.transactionID ?? UInt32(truncatingIfNeeded: macAddress.number),
      seconds: 0)
    guard let message = try? DHCPMessage(checking: octets.rawSpan),
      var meaning = try? DHCPMeaning(message)
    else { return octets }
    if let vendorClass { meaning.set(DHCPOption.vendorClass, vendorClass) }
    if let userClass { meaning.set(DHCPOption.userClass, Array(userClass.utf8)) }
    if !clientIdentifier.isEmpty { meaning.set(DHCPOption.clientIdentifier, clientIdentifier) }
    if dialect.identifier == .uuid { setIdentifier(of: &meaning) }
    if let relay {
      meaning.header.relayAddress = relay
      meaning.header.hops = 1
      let circuit: UInt8 = 1  // RFC 3046 §2.0
      let port = relayPort.prefix(253)
      if !port.isEmpty {
        meaning.set(
          DHCPOption.relayAgentInformation, [circuit, UInt8(clamping: port.count)] + port)
      }
    }
    return meaning.encoded()
  }

  /// Option 97 where it is no Raspberry Pi's: a serial number as text, or the UUID, or nothing.
  private func setIdentifier(of meaning: inout DHCPMeaning) {
    if let serial {
      let text = Array(serial.utf8.prefix(15))
      meaning.set(
        DHCPOption.clientUUID, [0] + text + [UInt8](repeating: 0, count: 16 - text.count))
    } else if uuid == nil {
      meaning.set(DHCPOption.clientUUID, [])
    }
  }

  private var dialect: DHCPDialect {
    let code = architectureCode ?? 0
    var dialect: DHCPDialect =
      switch firmware?.kind {
      case .pxe where firmware?.isEFI == false: .biosROM
      case .pxe: .edk2PXE(code)
      case .http: .edk2HTTP(code)
      case .ipxe: .ipxe(code, isEFI: firmware?.isEFI == true)
      case .uboot: .uboot(code, vendorClass: "U-Boot.armv8", file: "")
      case .grub: .grub
      case .pi where firmware?.architecture == .raspberryPi3: .pi3ROM
      case .pi: .piEEPROM("RPi4", revision: 0x00c0_3130)
      case nil: .udhcpc
      }
    if firmware != nil, firmware?.kind != .pi { dialect.architecture = architectureCode }
    return dialect
  }

  /// Option 93.
  private var architectureCode: UInt16? {
    guard let firmware, firmware.kind != .grub else { return nil }
    if let code = firmware.code { return code }
    let kind = firmware.kind == .ipxe ? .pxe : firmware.kind
    let rows = FirmwareRow.all.filter { $0.architecture == firmware.architecture }
    return (rows.first { $0.kind == kind } ?? rows.first)?.code
  }
}

extension DHCPMeaning {
  /// Puts `value` in the place of the option, or at the end; an empty one takes it away.
  fileprivate mutating func set(_ code: UInt8, _ value: [UInt8]) {
    let option = Option(code: code, value: value)
    guard let index = options.firstIndex(where: { $0.code == code }) else {
      if !value.isEmpty { options.append(option) }
      return
    }
    if value.isEmpty { options.remove(at: index) } else { options[index] = option }
  }
}
