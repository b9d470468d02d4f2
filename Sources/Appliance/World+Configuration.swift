import Boot
import EventLoop
import Network
import Replay

extension World {
  /// The world of a configuration, on a box that need not be the appliance's own: interfaces are
  /// those that the configuration names, and each has an address in its subnets.
  ///
  /// - Parameter addresses: Addresses that the box may have, as a recording's servers; where none
  ///   is in a subnet, ours there is its first.
  package static func load(
    _ path: String, addresses: [IPv4Address]
  ) throws(ConfigurationMistakes) -> World {
    let bare = Surroundings(interfaces: [], hostName: "bootwire")
    let draft = try Configuration.load(path, in: bare)
    let interfaces = draft.interfaces.enumerated().map { index, interface in
      Surroundings.LocalInterface(
        name: interface.name, number: Int32(index + 1),
        addresses: draft.subnets.filter { $0.interface == interface.name }.map {
          address(in: $0, of: addresses)
        })
    }
    let configuration = try Configuration.load(
      path, in: Surroundings(interfaces: interfaces, hostName: "bootwire"))
    let settings = configuration.settings
    let shelf = LoaderShelf.load(settings.loaders)
    return World(
      catalog: configuration.catalog(generation: 1, loaders: shelf.loaders),
      find: finder(files: settings.files, loaders: settings.loaders))
  }

  private static func address(in subnet: Subnet, of addresses: [IPv4Address]) -> IPv4Address {
    if let address = addresses.first(where: { subnet.network.canHost($0) }) { return address }
    var address = IPv4Address(subnet.network.network.number + 1)
    while address == subnet.router || subnet.poolContains(address) {
      let next = IPv4Address(address.number + 1)
      guard subnet.network.canHost(next) else { break }
      address = next
    }
    return address
  }

  /// Looks into the trees as the appliance does: no path leads out of them.
  static func finder(
    files: String, loaders: String
  ) -> @Sendable (Resource.Tree, BootPath) -> WorldFile? {
    { tree, path in
      let root =
        switch tree {
        case .files: files
        case .loaders: loaders
        }
      guard let folder = try? FileTree(root), let file = try? folder.open(path.description) else {
        return nil
      }
      let byteCount = Int(clamping: file.size)
      // Boot programs and texts are read; of a kernel the length is enough.
      guard byteCount <= 4 << 20, let octets = try? file.read(at: 0, count: byteCount) else {
        return WorldFile(byteCount: byteCount)
      }
      return WorldFile(octets)
    }
  }
}
