import Boot
import Network
import Services

/// What of an appliance is durable, and what it starts with again.
///
/// The time of a row is reckoned by the store's own code, which the driver hands in: this half may
/// not import it.
package struct VirtualStore: Sendable {
  /// Both clocks at one moment, and the kernel's boot identifier.
  package struct Reading: Hashable, Sendable {
    package let time: Instant
    package let wallClock: UnixTime
    package let boot: String
  }

  /// A lease as a row: Unix seconds in place of an instant.
  package struct Row: Hashable, Sendable {
    package let client: ClientIdentity
    package let hostName: [UInt8]
    package var expiry: Int64
    package let duration: Int64

    package init(
      client: ClientIdentity, hostName: [UInt8], expiry: Int64, duration: Int64
    ) {
      self.client = client
      self.hostName = hostName
      self.expiry = expiry
      self.duration = duration
    }
  }

  /// How rows are written, and read by another clock.
  package struct Reckoning: Sendable {
    package let row: @Sendable (Lease, Reading) -> Row
    /// The lease at an address, with the time of day by the clock that the row was written by.
    package let lease: @Sendable (IPv4Address, Row, Instant, _ wallClock: Int64) -> Lease
    package let elapsed: @Sendable (_ since: Reading, Reading) -> Duration
    /// What must be added to the rows' seconds because the wall clock was set.
    package let step: @Sendable (_ since: Reading, Reading, _ elapsed: Duration) -> Int64

    package init(
      row: @escaping @Sendable (Lease, Reading) -> Row,
      lease: @escaping @Sendable (IPv4Address, Row, Instant, Int64) -> Lease,
      elapsed: @escaping @Sendable (Reading, Reading) -> Duration,
      step: @escaping @Sendable (Reading, Reading, Duration) -> Int64
    ) {
      self.row = row
      self.lease = lease
      self.elapsed = elapsed
      self.step = step
    }
  }

  private let reckoning: Reckoning
  private var rows: [IPv4Address: Row] = [:]
  private var stamped: Reading?
  private var provisions: [String: Provision] = [:]
  private var nodes: [String: ProvisionedNode] = [:]
  /// Of the kernel that runs; another after each reboot.
  private(set) var boot = 0

  package init(_ reckoning: Reckoning) { self.reckoning = reckoning }

  /// Takes what has become durable.
  mutating func take(_ outcome: Outcome, at reading: Reading) {
    switch outcome {
    case .stored(let lease):
      follow(reading, elapsed: stamped.map { reading.time - $0.time } ?? .zero)
      rows[lease.address] = reckoning.row(lease, reading)
    case .erased(let address): rows[address] = nil
    case .kept(let change): take(change)
    case .sent, .responded, .respondedFile, .closed, .decided, .asked, .recorded: break
    }
  }

  private mutating func take(_ change: RegistryChange) {
    switch change {
    case .provision(let provision): provisions[provision.machine] = provision
    case .forgetProvision(let machine): provisions[machine] = nil
    case .node(let node): nodes[node.name] = node
    case .forgetNode(let name): nodes[name] = nil
    case .entry: break
    }
  }

  /// The rows follow a wall clock that was set.
  private mutating func follow(_ reading: Reading, elapsed: Duration) {
    if let stamped {
      let step = reckoning.step(stamped, reading, elapsed)
      if step != 0 { for address in rows.keys { rows[address]?.expiry += step } }
    }
    stamped = reading
  }

  mutating func reboot() { boot += 1 }

  /// What an appliance that starts now knows.
  mutating func restored(at reading: Reading) -> DHCPService {
    var dhcp = DHCPService()
    let elapsed = stamped.map { reckoning.elapsed($0, reading) } ?? .zero
    let wallClock = (stamped ?? reading).wallClock.seconds + elapsed.components.seconds
    for (address, row) in rows.sorted(by: { $0.key < $1.key }) {
      dhcp.restore(reckoning.lease(address, row, reading.time, wallClock))
    }
    for provision in provisions.values.sorted(by: { $0.machine < $1.machine }) {
      dhcp.provisions.restore(provision)
    }
    for node in nodes.values.sorted(by: { $0.name < $1.name }) { dhcp.nodes.restore(node) }
    follow(reading, elapsed: elapsed)
    return dhcp
  }
}
