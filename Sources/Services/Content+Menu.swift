import Boot
import Bytes
import Network
import Wire

extension DHCPService {
  /// The menu as its program reads it; missing when its name means nobody, or nothing that this
  /// machine may have. A driver asks when there is no file of that name, and so nothing begins
  /// because of a menu that an operator's own file stands before.
  package mutating func content(
    of menu: Menu, for arrival: Arrival, _ catalog: Catalog, at now: Instant,
    isPeek: Bool = false, dice: @escaping () -> UInt64, reasons: inout [Reason]
  ) -> Content {
    let inquiry = Inquiry(arrival: arrival, catalog: catalog, time: now, dice: dice)
    guard isPeek else { return rendered(menu, inquiry, reasons: &reasons) }
    var copy = self
    guard case .text(var text) = copy.rendered(menu, inquiry, reasons: &reasons) else {
      return .missing
    }
    text.outcome = ProvisionOutcome()
    return .text(text)
  }

  private mutating func rendered(
    _ menu: Menu, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Content {
    let (arrival, catalog) = (inquiry.arrival, inquiry.catalog)
    guard var sighting = sighting(of: menu, for: arrival, catalog, at: inquiry.time) else {
      return .missing
    }
    // Whoever asks is the menu's program, not the iPXE that may have started it; and GRUB's own DHCP
    // says nothing of the firmware below it.
    if sighting.firmware == nil || sighting.firmware?.kind == .ipxe {
      sighting.firmware = Firmware(kind: menu.firmwareKind, architecture: sighting.architecture)
    }
    var admission = admitted(to: menu, sighting, inquiry, reasons: &reasons)
    let decision = admission.decision
    let interface = catalog.interface(arrival.interface)
    let isWeb = interface?.http != nil || interface?.https != nil
    guard decision.instruction != .ignore, menu.program != .autoexec || isWeb else {
      return .missing
    }
    if case .discover = decision.boot, menu.program != .autoexec, sighting.knownAddress != nil {
      admission.outcome += discover(sighting, [:], inquiry)
    }
    let isUBoot =
      sighting.firmware?.kind == .uboot || sighting.vendorClass.starts(with: "U-Boot".utf8)
    let transport: Menu.Transport =
      switch arrival.destination.port {
      case Self.tftpPort: .tftp
      case interface?.https: .https
      case _: .http
      }
    guard
      let text = menu.render(
        decision, variables(sighting, admission, inquiry), over: transport, isUBoot: isUBoot,
        refusal: admission.refusal)
    else { return .missing }
    let octets = Self.encoded(text, for: menu)
    return .text(
      RenderedText(
        octets,
        Event(
          .menuRendered(
            menu.program, profile: decision.profile?.name ?? "-", byteCount: octets.count),
          macAddress: sighting.knownAddress, address: inquiry.address),
        admission.outcome))
  }

  /// What these programs boot. Without a choice on the screen that is the entry that starts by
  /// itself; `autoexec.ipxe` only leads to the script, and begins nothing.
  private mutating func admitted(
    to menu: Menu, _ sighting: Sighting, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Admission {
    guard menu.program != .autoexec else {
      return Admission(
        inquiry.catalog.decide(
          for: sighting, on: inquiry.subnet, provisions: provisions, reasons: &reasons))
    }
    let file = "\(menu.program.rawValue) menu"
    let isNewBoot = sighting.knownAddress != nil
    let admission = admit(
      sighting, nil, inquiry, file, isNewBoot: isNewBoot, reasons: &reasons)
    guard case .menu(let choice) = admission.decision.boot,
      let entry = choice.chosen ?? choice.entries.first
    else { return admission }
    return admit(sighting, entry, inquiry, file, isNewBoot: isNewBoot, reasons: &reasons)
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
