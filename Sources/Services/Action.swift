import Boot
import Network

/// What the driver must do, in this order. It stops at the first that fails, so that no reply
/// leaves before what it promises is stored.
package enum Action: Hashable, Sendable {
  // Leases
  /// Make the lease durable. What follows waits until it is.
  case store(Lease)
  /// Forget the lease of this address.
  case erase(IPv4Address)

  // Provisioning
  /// Make the change durable. What follows waits until it is.
  case keep(RegistryChange)

  // Datagrams from a listening port
  case send(Reply)
  /// A whole Ethernet frame, on the interface with this number.
  case sendFrame(Actions.Bytes, interface: Int32)

  /// Ask whether anybody uses the address. Answers go to the DHCP service, and so does that it could
  /// not be asked.
  case probe(IPv4Address, by: ProbeMeans)

  // TFTP: every transfer has a port of its own (RFC 1350 §4)
  /// Open the resource for who asks, then call `opened` or `missing` at once.
  case openTransfer(TransferID, Resource, for: Arrival)
  /// Send these bytes from the transfer's port; its first use binds the port.
  case sendFromTransfer(TransferID, Actions.Bytes, to: Endpoint)
  /// Send blocks of the transfer's content as DATA.
  case sendBlocks(TransferID, Blocks)
  /// Close the port and the content.
  case closeTransfer(TransferID)

  // HTTP
  /// Open the resource, then call `opened` or `missing` at once.
  case openResource(ConnectionID, Resource)
  /// Hand the body of a report to the DHCP service, then call `reported`.
  case takeReport(ConnectionID, Resource.Bearer, Actions.Bytes)
  /// Send these bytes on the connection.
  case respond(ConnectionID, Actions.Bytes)
  /// Then send this part of the file that is open for the connection.
  case respondFile(ConnectionID, offset: Int, count: Int)
  /// Close the connection once all its output is sent.
  case close(ConnectionID)

  // DNS
  /// Send this answer, its length before it, on the stream.
  case answer(ConnectionID, Actions.Bytes)
  /// Ask another server, from a port that nobody can guess and that nothing else has.
  case ask(ForwardID, Actions.Bytes, Endpoint)
  /// Ask it by TCP.
  case askByStream(ForwardID, Actions.Bytes, Endpoint)
  /// Close that port or connection.
  case hangUp(ForwardID)

  case record(Event)
}

/// A DHCP or DNS message on its way: where to and from which of our addresses.
package struct Reply: Hashable, Sendable {
  package var payload: Actions.Bytes
  package var destination: Destination
  /// Our own address and port that it leaves from.
  package var source: Endpoint
  /// The kernel's number of the interface that it leaves on.
  package var interface: Int32

  /// How a reply reaches a client (RFC 2131 §4.1).
  package enum Destination: Hashable, Sendable {
    /// An ordinary datagram.
    case endpoint(Endpoint)
    /// A frame to this hardware address, for a client that has no address yet and cannot answer ARP.
    case link(MACAddress, Endpoint)
  }

  package init(
    payload: Actions.Bytes, destination: Destination, source: Endpoint, interface: Int32
  ) {
    self.payload = payload
    self.destination = destination
    self.source = source
    self.interface = interface
  }
}

/// A TFTP transfer; numbers are never used twice in a process.
package struct TransferID: Hashable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }
}

/// A question to another server; every attempt has its own, and numbers are never used twice.
package struct ForwardID: Hashable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }
}

/// A connection of HTTP or DNS; numbers are never used twice in a process.
package struct ConnectionID: Hashable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }
}

/// Consecutive DATA blocks of one window, all of `blockSize` bytes but perhaps the last.
package struct Blocks: Hashable, Sendable {
  /// Number of the first, from 1, without roll-over; on the wire its low 16 bits.
  package var first: UInt64
  package var count: Int
  package var blockSize: Int
  /// Bytes in the last of them: `blockSize` or fewer, 0 for the empty block at an exact end.
  package var lastCount: Int
  package var endpoint: Endpoint

  package init(first: UInt64, count: Int, blockSize: Int, lastCount: Int, endpoint: Endpoint) {
    self.first = first
    self.count = count
    self.blockSize = blockSize
    self.lastCount = lastCount
    self.endpoint = endpoint
  }

  /// Where the first block's bytes begin in the content.
  package var offset: Int { Int(first - 1) * blockSize }
}
