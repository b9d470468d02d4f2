import Boot
import EventLoop
import Network
import Replay
import Synchronization

/// The worlds of one configuration, for many recordings: read once, and once more for each address
/// that a recording's server had. Used from any thread.
package final class Worlds: Sendable {
  private let sources: ConfigurationSources
  private let stored: [StoredObject]
  private let hidesSecrets: Bool
  private let interfaces: [Interface]
  private let subnets: [Subnet]
  /// Ours in each subnet, where a recording's server had none there.
  private let guesses: [IPv4Address]
  /// Addresses that somebody else has by this configuration.
  private let others: Set<IPv4Address>
  /// As where the configuration is served: the site of those that name none.
  private let hostName: String
  private let secrets: [Secret]
  private let settings: Settings
  private let loaders: [Loader]
  private let find: @Sendable (Resource.Tree, BootPath) -> WorldFile?
  private let worlds = Mutex<[[IPv4Address]: World]>([:])

  /// Addresses that nobody's recordings have all of; more are made up.
  private static let most = 64

  /// - Parameters:
  ///   - stored: What was applied beside the files.
  ///   - hidesSecrets: Whether asterisks stand for all values of secrets.
  package init(
    _ sources: ConfigurationSources, stored: [StoredObject] = [], hidesSecrets: Bool = false
  ) throws(ConfigurationMistakes) {
    hostName = (try? HostName.current()) ?? "bootwire"
    let bare = Surroundings(interfaces: [], hostName: hostName)
    let draft = try Configuration.read(sources, stored: stored, in: bare)
    // From here on the files may change: what is played is what was read.
    self.sources = draft.sources
    self.stored = stored
    self.hidesSecrets = hidesSecrets
    interfaces = draft.interfaces
    subnets = draft.subnets
    let others = Set(draft.machines.compactMap(\.address) + draft.names.forwarders)
    self.others = others
    secrets = draft.secrets
    guesses = draft.subnets.map { Self.guess(in: $0, without: others) }
    settings = draft.settings
    loaders = LoaderShelf.load(settings.loaders).loaders
    find = World.remembering(World.finder(files: settings.files, loaders: settings.loaders))
  }

  package convenience init(
    reading path: String, stored: [StoredObject] = [], hidesSecrets: Bool = false
  ) throws(ConfigurationMistakes) {
    try self.init(
      try ConfigurationSources(reading: path), stored: stored, hidesSecrets: hidesSecrets)
  }

  /// The world on a box that need not be the appliance's own: interfaces are those that the
  /// configuration names, and each has an address in its subnets.
  ///
  /// - Parameter addresses: Addresses that the box may have, as a recording's servers; where none
  ///   is in a subnet, ours there is its first.
  package func world(
    for addresses: [IPv4Address]
  ) throws(ConfigurationMistakes) -> World {
    let own = zip(subnets, guesses).map { subnet, guess in
      addresses.first { subnet.network.canHost($0) && !others.contains($0) } ?? guess
    }
    let outcome = worlds.withLock { worlds -> Result<World, ConfigurationMistakes> in
      if let world = worlds[own] { return .success(world) }
      do throws(ConfigurationMistakes) {
        let world = try make(own)
        if worlds.count >= Self.most { worlds.removeAll() }
        worlds[own] = world
        return .success(world)
      } catch { return .failure(error) }
    }
    return try outcome.get()
  }

  /// The names of secrets whose values differ, which no world of hidden ones shows.
  package func changedSecrets(from other: Worlds) -> [String] {
    let former = Dictionary(other.secrets.map { ($0.name, $0.value) }) { first, _ in first }
    return secrets.filter { secret in former[secret.name].map { $0 != secret.value } ?? false }
      .map(\.name).sorted()
  }

  private func make(_ own: [IPv4Address]) throws(ConfigurationMistakes) -> World {
    let local = interfaces.enumerated().map { index, interface in
      Surroundings.LocalInterface(
        name: interface.name, number: Int32(index + 1),
        addresses: zip(subnets, own).filter { $0.0.interface == interface.name }.map(\.1))
    }
    var configuration = try Configuration.read(
      sources, stored: stored, in: Surroundings(interfaces: local, hostName: hostName))
    if hidesSecrets {
      configuration.secrets = configuration.secrets.map {
        var secret = $0
        secret.value = Secret.Text(Secret.Text.mask)
        return secret
      }
    }
    return World(catalog: configuration.catalog(generation: 1, loaders: loaders), find: find)
  }

  /// The first address of a subnet that nobody is known to have; its very first where there is none.
  private static func guess(in subnet: Subnet, without others: Set<IPv4Address>) -> IPv4Address {
    let taken =
      others.union(subnet.relays).union(subnet.dns ?? []).union([subnet.router].compactMap(\.self))
    let first = IPv4Address(subnet.network.network.number &+ 1)
    var address = first
    while subnet.network.canHost(address) {
      let pool = subnet.pools.first { $0.contains(address) }
      guard pool != nil || taken.contains(address) else { return address }
      let (next, isPast) = (pool?.last ?? address).number.addingReportingOverflow(1)
      guard !isPast else { break }
      address = IPv4Address(next)
    }
    return first
  }
}
