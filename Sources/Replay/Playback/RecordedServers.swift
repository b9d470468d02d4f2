import Network
import Wire

/// The DHCP servers of a recording: which of them we stand in for, and what it is like.
struct RecordedServers {
  /// The address of the one that we stand in for; nil where no server speaks.
  let own: IPv4Address?
  /// Whether it only says where to boot from, beside another that gives the addresses.
  let isProxy: Bool
  /// Whether it boots nobody: what the recording has of booting came from elsewhere.
  let all: [IPv4Address]

  /// A proxyDHCP wherever there is one, for it is what a boot server is beside another server;
  /// else the first whose OFFER was taken; else the first that speaks.
  init(_ machines: [RecordedMachine]) {
    var all: [IPv4Address] = []
    var proxy: IPv4Address?
    var chosen: IPv4Address?
    for case .question(let question) in machines.flatMap(\.steps) {
      for reply in question.replies {
        if !all.contains(reply.server) { all.append(reply.server) }
        if proxy == nil, reply.isOfProxy { proxy = reply.server }
      }
      if chosen == nil, question.type == .request { chosen = question.chosenServer }
    }
    // One server that does both is no proxy.
    if let found = proxy, all.count == 1, Self.givesAddresses(found, machines) { proxy = nil }
    isProxy = proxy != nil
    own = proxy ?? chosen ?? all.first
    self.all = all
  }

  private static func givesAddresses(
    _ server: IPv4Address, _ machines: [RecordedMachine]
  ) -> Bool {
    for case .question(let question) in machines.flatMap(\.steps) {
      for reply in question.replies
      where reply.server == server && reply.meaning.header.yourAddress != .unspecified {
        return true
      }
    }
    return false
  }
}

extension Recording {
  /// The addresses of the DHCP servers that speak in it, the one that we stand in for first, and of
  /// those that files were asked of. Beside another server the other's OFFER may come first.
  package var serverAddresses: [IPv4Address] {
    let servers = RecordedServers(machines().machines)
    var addresses = servers.own.map { own in [own] + servers.all.filter { $0 != own } } ?? []
    for transfer in transfers where !addresses.contains(transfer.request.destination.address) {
      addresses.append(transfer.request.destination.address)
    }
    return addresses
  }
}
