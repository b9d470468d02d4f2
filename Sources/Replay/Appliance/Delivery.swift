import Network

/// What is on its way over a virtual link.
enum Delivery: Sendable {
  /// A machine is switched on.
  case power(client: Int)
  case datagram(server: Int, Arrival, [UInt8])
  case answer(client: Int, SentDatagram)
  case httpRequest(client: Int, connection: Int, to: Endpoint, [UInt8])
  case httpResponse(client: Int, connection: Int, ClientResponse)
  case hangUp(client: Int, connection: Int)
  case incident(Incident)
}
