import Appliance
import ArgumentParser
import Boot
import Network
import Replay

/// The options that describe a machine which need not exist.
struct Supposition: ParsableArguments {
  @Option(help: ArgumentHelp("Its hardware address.", valueName: "address"))
  var mac: String?

  @Option(help: "Its UUID, as dmidecode prints it.")
  var uuid: String?

  @Option(help: "pxe, http, ipxe, uboot, grub, pi, or os for a system that does not boot.")
  var firmware: String?

  @Option(help: "An architecture by name, or by its code in option 93.")
  var architecture: String?

  @Option(help: "Option 60, in place of what its firmware says.")
  var vendorClass: String?

  @Option(help: "Option 77, in place of what its firmware says.")
  var userClass: String?

  @Option(help: ArgumentHelp("The relay that forwards for it.", valueName: "address"))
  var relay: String?

  @Option(help: ArgumentHelp("The subnet that it is on.", valueName: "network"))
  var subnet: String?

  /// Whether nothing is said but perhaps the firmware.
  var isOnlyFirmware: Bool {
    [mac, uuid, architecture, vendorClass, userClass, relay, subnet].allSatisfy { $0 == nil }
  }

  func check() throws {
    if let mac, MACAddress(mac)?.isUnicast != true {
      throw ValidationError("--mac \(mac) is no hardware address of one machine.")
    }
    if let uuid, UUID(uuid) == nil { throw ValidationError("--uuid \(uuid) is no UUID.") }
    if let firmware, firmware != Self.system, Firmware.Kind(rawValue: firmware) == nil {
      throw ValidationError("--firmware is pxe, http, ipxe, uboot, grub, pi or os.")
    }
    if let architecture, UInt16(architecture) == nil, Architecture(rawValue: architecture) == nil {
      let names = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--architecture is a number or one of \(names).")
    }
    if let relay, IPv4Address(relay)?.isUnicast != true {
      throw ValidationError("--relay \(relay) is no address of one machine.")
    }
    if let subnet, IPv4Prefix(subnet) == nil {
      throw ValidationError("--subnet \(subnet) is no network such as 10.77.0.0/24.")
    }
  }

  /// What a configuration tells this machine, or the one that it knows as `name`.
  func explanation(of name: String?, config: String) throws -> Explanation {
    let world = try World.load(config, addresses: [])
    let listed = try name.map { try machine($0, world.catalog) }
    var notes: [String] = []
    let address = mac.flatMap { MACAddress($0) } ?? listed?.macAddress
    if address == nil { notes.append("supposed: hardware address \(Self.anyAddress)") }
    let firmware = supposedFirmware(&notes)
    var supposed = SupposedMachine(macAddress: address ?? Self.anyAddress, firmware: firmware)
    supposed.uuid = uuid.flatMap { UUID($0) } ?? listed?.uuid
    supposed.serial = listed?.serial
    supposed.clientIdentifier = listed?.clientIdentifier ?? []
    supposed.relayPort = listed?.relayPort ?? []
    supposed.vendorClass = vendorClass.map { Array($0.utf8) }
    supposed.userClass = userClass
    let vantage = Vantage(
      world.catalog, subnet: try place(listed, world.catalog),
      relay: relay.flatMap { IPv4Address($0) }
    ) { _ in nil }
    guard let vantage else { throw Refusal("no interface of \(config) answers DHCP there") }
    return Explainer(world).explain(supposed, from: vantage, notes: notes)
  }

  private static let system = "os"
  private static let anyAddress = MACAddress(0x52, 0x54, 0x00, 0x12, 0x34, 0x56)

  private func machine(_ name: String, _ catalog: Catalog) throws -> Machine {
    if let address = MACAddress(name) {
      return catalog.machines.first { $0.macAddress == address }
        ?? Machine(name: name, macAddress: address)
    }
    let found =
      IPv4Address(name).map { catalog.machine(reserving: $0) } ?? catalog.machine(named: name)
    guard let found else {
      throw Refusal("the configuration knows no machine \(Escaped(name)); say its hardware address")
    }
    return found
  }

  private func place(_ machine: Machine?, _ catalog: Catalog) throws -> Subnet? {
    if let subnet {
      let found = catalog.subnets.first { $0.network == IPv4Prefix(subnet) }
      guard let found else {
        let known = catalog.subnets.map { "\($0.network)" }.joined(separator: ", ")
        throw Refusal("the configuration has no subnet \(subnet), but \(known)")
      }
      return found
    }
    if let address = machine?.address { return catalog.subnet(holding: address) }
    return catalog.subnets.first { $0.interface != nil } ?? catalog.subnets.first
  }

  /// nil: a system that does not boot.
  private func supposedFirmware(_ notes: inout [String]) -> Firmware? {
    if firmware == Self.system { return nil }
    let code = architecture.flatMap { UInt16($0) }
    let row = code.flatMap { FirmwareRow.row(for: $0) }
    let kind = firmware.flatMap { Firmware.Kind(rawValue: $0) } ?? impliedKind ?? row?.kind ?? .pxe
    if let architecture {
      return Firmware(
        kind: kind, architecture: row?.architecture ?? Architecture(rawValue: architecture),
        code: code)
    }
    // A class of its own says what it says.
    if vendorClass != nil { return Firmware(kind: kind, architecture: nil) }
    let usual: Architecture =
      switch kind {
      case .pxe, .http, .ipxe, .grub: .x8664EFI
      case .uboot: .arm64UBoot
      case .pi: .raspberryPi
      }
    let supposed = Firmware(kind: kind, architecture: usual)
    notes.append("supposed: \(supposed); --firmware and --architecture say otherwise")
    return supposed
  }

  private var impliedKind: Firmware.Kind? {
    if userClass == "iPXE" { return .ipxe }
    return vendorClass?.hasPrefix("HTTPClient") == true ? .http : nil
  }
}
