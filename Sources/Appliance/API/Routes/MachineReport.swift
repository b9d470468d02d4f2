import Boot
import EventLoop
import Network

/// Where a machine stands on its way to a node, as the API tells it; no token is in it.
struct MachineReport: Encodable {
  var machine: String
  var site: String
  var mac: String?
  var state: String
  /// None for a listed machine that was never provisioned.
  var since: String?
  var cause: String
  var profile: String?
  var expires: String?
  var facts: [String: String]
  var history: [Entry]?

  struct Entry: Encodable {
    var time: String
    var state: String
    var cause: String
  }

  struct Page: Encodable {
    var items: [MachineReport]
    var next: String?
  }

  init(_ provision: Provision, _ time: (Instant) -> String) {
    machine = provision.machine
    site = provision.site
    mac = provision.macAddress.map { "\($0)" }
    state = provision.state.rawValue
    since = time(provision.since)
    cause = provision.cause
    if let arming = provision.arming {
      if !arming.profile.isEmpty { profile = arming.profile }
      expires = time(arming.expiry)
    }
    facts = provision.facts
  }

  /// Of a listed machine without anything kept.
  init(_ machine: Machine, site: String) {
    self.machine = machine.name
    self.site = site
    mac = machine.macAddress.map { "\($0)" }
    state = ProvisionState.approved.rawValue
    cause = "it is listed"
    facts = [:]
  }
}

/// An installed machine as the API tells of it.
struct NodeReport: Encodable {
  var name: String
  var site: String
  var machine: String
  var mac: String?
  var hostname: String
  var addresses: [String]
  var hostKeys: [String]
  var pendingHostKeys: [String]
  var os: String
  var facts: [String: String]
  var installed: String
  var reachable: Reachability

  struct Reachability: Encodable {
    var state: String
    var time: String?
  }

  struct Page: Encodable {
    var items: [NodeReport]
    var next: String?
  }

  init(_ node: ProvisionedNode, _ time: (Instant) -> String) {
    name = node.name
    site = node.site
    machine = node.name
    mac = node.macAddress.map { "\($0)" }
    hostname = node.hostName
    addresses = node.addresses.map { "\($0)" }
    hostKeys = node.hostKeys.map(\.line)
    pendingHostKeys = node.pendingHostKeys.map(\.line)
    os = node.system
    facts = node.facts
    installed = time(node.installed)
    switch node.reachability {
    case .unknown: reachable = Reachability(state: "unknown")
    case .reachable(let instant): reachable = Reachability(state: "reachable", time: time(instant))
    case .unreachable(let instant):
      reachable = Reachability(state: "unreachable", time: time(instant))
    }
  }
}

extension Appliance {
  /// An instant as the wall clock has it, RFC 3339.
  func text(of instant: Instant) -> String {
    let (passed, overflow) = loop.wallClock.nanoseconds.addingReportingOverflow(
      (instant - loop.now).nanoseconds)
    return "\(Timestamp(UnixTime(nanoseconds: overflow ? .max : passed)))"
  }
}
