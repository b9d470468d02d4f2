import Boot
import EventLoop
import Network
import Services

// What becomes of changes in what is known of machines and nodes.
extension Appliance {
  /// Keeps an outcome's changes, and tells its events when they are durable.
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
}
