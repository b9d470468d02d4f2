import Boot
import Network
import Services

/// A machine as a value: firmware, boot programs and kernel, as far as a boot server sees them.
///
/// It knows a server's answers only by what arrives. Its times are virtual: the driver calls
/// ``timeout(at:into:)`` when ``nextDeadline`` has come.
package protocol BootClient: Sendable {
  var macAddress: MACAddress { get }
  /// Where datagrams reach it; nil while it has no address.
  var address: IPv4Address? { get }
  var nextDeadline: Instant? { get }
  var progress: BootProgress { get }
  /// Switches the machine on.
  mutating func begin(at now: Instant, into requests: inout [ClientRequest])
  mutating func receive(
    _ datagram: SentDatagram, at now: Instant, into requests: inout [ClientRequest])
  /// A whole response on a connection of this client's.
  mutating func receive(
    _ response: ClientResponse, on connection: Int, at now: Instant,
    into requests: inout [ClientRequest])
  mutating func timeout(at now: Instant, into requests: inout [ClientRequest])
}

/// What a client puts on the wire.
package enum ClientRequest: Hashable, Sendable {
  /// A datagram; the source's address is unspecified while it has none.
  case datagram(from: Endpoint, to: Endpoint, [UInt8])
  /// A request on a connection of its own, numbered by the client: the whole head and body.
  case http(connection: Int, to: Endpoint, [UInt8])
  /// Closes that connection.
  case hangUp(connection: Int)
  /// A word for the transcript: what the program does now.
  case note(String)
}

/// An HTTP response as it reached a client; status 0: nobody answered on that endpoint.
package struct ClientResponse: Hashable, Sendable {
  package let status: Int
  package let head: [UInt8]
  /// nil where the body is only known by its length.
  package let body: [UInt8]?
  package let bodyByteCount: Int

  package init(status: Int, head: [UInt8], body: [UInt8]?, bodyByteCount: Int) {
    self.status = status
    self.head = head
    self.body = body
    self.bodyByteCount = bodyByteCount
  }
}

/// How far a boot has come.
package enum BootProgress: Hashable, Sendable {
  case running
  /// It has all that it asked for: a kernel with its initial RAM disks, or its own disk.
  case booted(how: String)
  /// It gives up, or waits for ever.
  case failed(at: BootStep, because: String)
}

/// The steps of a boot, in the words of a report.
package enum BootStep: String, CaseIterable, Sendable {
  case address
  case bootServer = "boot server"
  case bootFile = "boot file"
  case menu
  case script
  case kernel
  case initialRAMDisk = "initial RAM disk"
  case answer
  case report
}
