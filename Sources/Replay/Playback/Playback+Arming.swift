import Boot
import Bytes
import Network
import Services
import Wire

// What is installed: each machine is armed, and bears the same token in every world.
extension Playback {
  /// Permits a machine the installation that its profile is, whatever it is called here.
  ///
  /// - Parameter payload: A DHCP message of its, which shows by what marks it is known.
  mutating func arm(
    _ machine: Int, showing payload: [UInt8], from arrival: Arrival, at now: Instant
  ) {
    guard isArmed, !machines[machine].isArmed else { return }
    machines[machine].isArmed = true
    let address = machines[machine].recorded.macAddress
    let catalog = appliance.world.catalog
    var scout = DHCPService()
    var actions = Actions()
    scout.receive(payload.rawSpan, from: arrival, catalog, at: now, into: &actions)
    let listed = catalog.machine(scout.sightings[address] ?? Sighting(macAddress: address))?.machine
    _ = appliance.dhcp.provisions.arm(
      listed?.name ?? address.dashed,
      site: catalog.site(of: listed, on: catalog.subnet(holding: arrival.local)),
      macAddress: address, for: "", until: .never, token: Self.token(of: address), "playback",
      at: now)
  }

  /// Opens nothing but this playback's answers.
  private static func token(of address: MACAddress) -> BootToken {
    BootToken { 0xf1ee_0000_0000_0000 | address.number }
  }

  /// A name of an answer, a hook or a report with the token that its machine bears here, for the
  /// recorded one or what masks it.
  func borne(_ name: String, by machine: Int) -> String {
    guard isArmed else { return name }
    var parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let place = parts.firstIndex(of: "machines"), place <= 1,
      parts.indices.contains(place + 2), Self.isToken(parts[place + 1])
    else { return name }
    parts[place + 1] = Self.token(of: machines[machine].recorded.macAddress).text
    return parts.joined(separator: "/")
  }

  private static func isToken(_ text: String) -> Bool {
    BootToken(text) != nil || !text.isEmpty && text.allSatisfy { $0 == "~" }
  }

  /// Whether two texts are the same but for tokens, where every boot has its own.
  func isSame(_ text: [UInt8], as recorded: [UInt8]) -> Bool {
    text == recorded || isArmed && TokenMask.masked(text) == TokenMask.masked(recorded)
  }
}
