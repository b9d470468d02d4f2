import Boot
import Network
import Services
import Wire

/// Asks a world's services what a machine would be told, and why. The same services as in
/// production make the reply; nothing is decided here.
package struct Explainer {
  private let appliance: VirtualAppliance

  /// - Parameter dhcp: What a running appliance knows; without it nobody has an address yet.
  package init(_ world: World, dhcp: DHCPService = DHCPService()) {
    appliance = VirtualAppliance(world, dhcp: dhcp, explained: true)
  }

  /// Explains the answer to the DISCOVER of `machine`.
  package func explain(
    _ machine: SupposedMachine, from vantage: Vantage, notes: [String] = [],
    at now: Instant = .start
  ) -> Explanation {
    var appliance = appliance
    var outcomes: [Outcome] = []
    appliance.receive(
      machine.discover(by: vantage.relay), from: vantage.discover, at: now, into: &outcomes)
    let way = vantage.relay.map { "relayed by \($0)" } ?? "on our own wire"
    var explanation = Explanation(
      "DISCOVER of \(machine.macAddress), \(machine.kind), \(way)", notes: notes, outcomes,
      appliance.origins)
    if let reply = outcomes.ownReply {
      explanation.answers =
        FollowedReply(
          reply, outcomes.reasons.last ?? [], after: appliance, from: vantage, at: now
        ).answers
    }
    return explanation
  }
}
