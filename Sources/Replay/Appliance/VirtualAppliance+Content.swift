import Boot
import Bytes
import Network
import Services
import Wire

// TFTP: a port and a file for each transfer.
extension VirtualAppliance {
  mutating func open(
    _ id: TransferID, _ resource: Resource, for arrival: Arrival, into outcomes: inout [Outcome]
  ) {
    if var file = found(resource, for: arrival, into: &outcomes)?.file {
      if tftp.wantsNetASCII(id), let octets = file.octets {
        file = WorldFile(NetASCII.encode(octets))
      }
      let port = freePort()
      transfers[id] = VirtualTransfer(
        port: port, local: arrival.local, interface: arrival.interface, file: file)
      transferByPort[port] = id
      tftp.opened(id, byteCount: file.byteCount, at: time, into: &actions)
    } else {
      tftp.missing(id, at: time, into: &actions)
    }
    perform(into: &outcomes)
  }

  private mutating func freePort() -> UInt16 {
    repeat {
      lastPort = lastPort == .max ? 49_152 : lastPort + 1
    } while transferByPort[lastPort] != nil
    return lastPort
  }

  func send(
    _ payload: [UInt8], from id: TransferID, to endpoint: Endpoint, into outcomes: inout [Outcome]
  ) {
    guard let transfer = transfers[id] else { return }
    outcomes.append(
      .sent(
        SentDatagram(
          source: Endpoint(transfer.local, transfer.port), destination: endpoint, hardware: nil,
          interface: transfer.interface, payload: payload)))
  }

  func sendBlocks(
    _ id: TransferID, _ blocks: Blocks, into outcomes: inout [Outcome]
  ) {
    guard let transfer = transfers[id] else { return }
    for index in 0..<blocks.count {
      let number = UInt16(truncatingIfNeeded: blocks.first + UInt64(index))
      let count = index == blocks.count - 1 ? blocks.lastCount : blocks.blockSize
      var payload: [UInt8] = [0, 3, UInt8(number >> 8), UInt8(number & 0xff)]
      payload += transfer.file.octets(
        from: blocks.offset + index * blocks.blockSize, count: count)
      send(payload, from: id, to: blocks.endpoint, into: &outcomes)
    }
  }
}

// HTTP: a file for each connection.
extension VirtualAppliance {
  mutating func open(
    _ id: ConnectionID, _ resource: Resource, into outcomes: inout [Outcome]
  ) {
    guard var connection = connections[id] else { return }
    let content = found(
      resource, for: connection.arrival, isPeek: connection.state.isPeek, into: &outcomes)
    if let (file, isRendered) = content {
      let text = isRendered ? file.octets : nil
      connection.file = file
      http.opened(
        text.map { .rendered($0) }
          ?? .file(byteCount: file.byteCount, modified: Self.modified),
        on: &connection.state, at: time, into: &actions)
    } else {
      http.missing(on: &connection.state, at: time, into: &actions)
    }
    connections[id] = connection
    perform(into: &outcomes)
  }

  mutating func takeReport(
    _ id: ConnectionID, _ bearer: Resource.Bearer, _ body: [UInt8], into outcomes: inout [Outcome]
  ) {
    guard var connection = connections[id] else { return }
    let (answer, outcome) = dhcp.report(
      body.rawSpan, by: bearer, for: connection.arrival, world.catalog, at: time)
    take(outcome, into: &outcomes)
    http.reported(answer, on: &connection.state, at: time, into: &actions)
    connections[id] = connection
    perform(into: &outcomes)
  }

  /// When all files of a virtual world were last changed.
  private static let modified = UnixTime(seconds: 0)

  /// A virtual client takes all bytes at once.
  mutating func respondFile(
    _ id: ConnectionID, offset: Int, count: Int, into outcomes: inout [Outcome]
  ) {
    guard var connection = connections[id], let file = connection.file else { return }
    outcomes.append(.respondedFile(id, file, offset: offset, count: count))
    http.sent(on: &connection.state, at: time, into: &actions)
    connections[id] = connection
    perform(into: &outcomes)
  }
}
