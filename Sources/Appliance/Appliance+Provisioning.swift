import Boot
import EventLoop
import Network
import Services
import Store

// What becomes of changes in what is known of machines and nodes.
extension Appliance {
  /// Keeps an outcome's changes, and tells its events when they are durable. What cannot be kept
  /// is undone: memory and disk are to agree, and who was refused asks again.
  ///
  /// - Parameter then: Called with whether they are: at once when there is nothing to keep.
  func take(_ outcome: ProvisionOutcome, then: @escaping (Bool) -> Void = { _ in }) {
    guard !outcome.changes.isEmpty else {
      for event in outcome.events { record(event) }
      return then(true)
    }
    keep(outcome.changes) { [unowned self] isKept in
      if isKept {
        learn(outcome.changes)
        for event in outcome.events { record(event) }
      } else {
        dhcp.undo(outcome)
        record(Event(.actionFailed(reason: "what is known of a machine could not be kept")))
      }
      then(isKept)
    }
  }

  /// Ends armings whose time is over.
  func expireArmings(at now: Instant) {
    guard let deadline = dhcp.nextDeadline, deadline <= now else { return }
    take(dhcp.timeout(at: now))
  }

  /// Takes what the registry held at the start.
  func restore(_ contents: RegistryContents) {
    for provision in contents.provisions { dhcp.provisions.restore(provision) }
    for node in contents.nodes { dhcp.nodes.restore(node) }
  }

  /// All that the registry is to hold, for one that was taken away and made anew.
  var everythingKept: [RegistryChange] {
    dhcp.provisions.all.map { .provision($0) } + dhcp.nodes.all.map { .node($0) }
  }

  /// A machine that is no more is not installed; what was known of it stays its history.
  func disarmWhoIsGone() {
    for provision in dhcp.provisions.armed
    where !provision.isUnnamed && catalog.machine(named: provision.machine) == nil {
      take(dhcp.provisions.disarm(provision.machine, "its object is gone", at: loop.now))
    }
  }
}
