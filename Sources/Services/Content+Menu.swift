import Boot
import Bytes
import Network
import Wire

extension DHCPService {
  /// The menu as the program reads it, and what to record when it leaves; nil when its name means
  /// nobody, or nothing that this machine may have.
  func rendered(
    _ menu: Menu, for arrival: Arrival, _ catalog: Catalog, at now: Instant,
    reasons: inout [Reason]
  ) -> ([UInt8], Event)? {
    guard var sighting = sighting(of: menu, for: arrival, catalog, at: now) else { return nil }
    // Whoever asks is the menu's program, not the iPXE that may have started it; and GRUB's own DHCP
    // says nothing of the firmware below it.
    if sighting.firmware == nil || sighting.firmware?.kind == .ipxe {
      sighting.firmware = Firmware(kind: menu.firmwareKind, architecture: sighting.architecture)
    }
    let subnet = catalog.subnet(holding: arrival.source.address)
    let decision = catalog.decide(for: sighting, on: subnet, reasons: &reasons)
    let interface = catalog.interface(arrival.interface)
    let isWeb = interface?.http != nil || interface?.https != nil
    guard decision.instruction != .ignore, menu.program != .autoexec || isWeb else { return nil }
    let variables = catalog.variables(
      for: sighting, decision, at: arrival.source.address, server: server(arrival, catalog))
    let isUBoot =
      sighting.firmware?.kind == .uboot || sighting.vendorClass.starts(with: "U-Boot".utf8)
    let transport: Menu.Transport =
      switch arrival.destination.port {
      case Self.tftpPort: .tftp
      case interface?.https: .https
      case _: .http
      }
    guard
      let text = menu.render(decision, variables, over: transport, isUBoot: isUBoot)
    else { return nil }
    let octets = Self.encoded(text, for: menu)
    return (
      octets,
      Event(
        .menuRendered(
          menu.program, profile: decision.profile?.name ?? "-", byteCount: octets.count),
        macAddress: sighting.knownAddress, address: arrival.source.address)
    )
  }

  static let tftpPort: UInt16 = 69

  private static func encoded(_ text: String, for menu: Menu) -> [UInt8] {
    let octets = Array(text.utf8)
    guard menu.program == .ubootScript else { return octets }
    var writer = ByteWriter(reserving: octets.count + LegacyImage.headerCount + 8)
    LegacyImage.script(octets, name: "bootwire", into: &writer)
    return writer.bytes
  }

  /// The machine that a menu's name means: by itself, or by who asks.
  private func sighting(
    of menu: Menu, for arrival: Arrival, _ catalog: Catalog, at now: Instant
  ) -> Sighting? {
    let asking = sighting(at: arrival.source.address, at: now)
    switch menu.bearer {
    case .whoeverAsks: return asking ?? Sighting(macAddress: .zero)
    case .hardware(let address):
      if let asking, asking.macAddress == address { return asking }
      return sightings[address] ?? Sighting(macAddress: address)
    case .uuid(let uuid):
      if let asking, let shown = asking.uuid, shown == uuid || shown.swapped == uuid {
        return asking
      }
      for uuid in [uuid, uuid.swapped] {
        let named = Sighting(macAddress: .zero, uuid: uuid)
        guard let machine = catalog.machine(named)?.machine else { continue }
        return machine.macAddress.map { sightings[$0] ?? Sighting(macAddress: $0) } ?? named
      }
      return nil
    case .address(let address):
      return address == arrival.source.address ? asking : nil
    }
  }
}
