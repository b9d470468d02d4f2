import Boot
import Network
import Services

/// TFTP: the bytes served are the file's, one request has one OACK, a duplicate ACK makes no DATA
/// (RFC 1123 §4.2.3.1), and a stranger's packet moves nothing (RFC 1350 §4).
struct TransferChecker: Sendable {
  fileprivate struct Request: Hashable, Sendable {
    let octets: [UInt8]
    let name: String
  }

  fileprivate struct Transfer: Sendable {
    let client: Endpoint
    let request: Request
    var file: WorldFile?
    var blockSize = 512
    var windowSize = 1
    /// Without roll-over.
    var acknowledged: UInt64 = 0
    var sent: UInt64 = 0
    var optionsTime: Instant?
    /// Whether the client has said anything.
    var isHeard = false
    /// Whether it has acknowledged the OACK or a block.
    var isAcknowledged = false
    /// ACKs of the last block over again that made DATA.
    var restarts = 0
  }

  /// Whose packet reached a transfer.
  fileprivate enum Sender: Sendable {
    case client
    /// An ACK of the block that was acknowledged last.
    case clientAgain
    /// An ACK of a block that is not under way: of long ago, or of one that was not sent.
    case clientElsewhere
    case stranger
  }

  /// What the server does follows from this.
  private enum Cause: Sendable {
    case clock
    case request(Endpoint)
    case packet(port: UInt16, sender: Sender)
  }

  private let site: SimulatedSite
  private var requests: [Endpoint: Request] = [:]
  private var transfers: [UInt16: Transfer] = [:]
  private var portOfClient: [Endpoint: UInt16] = [:]
  private var cause = Cause.clock
  private(set) var comparedBlocks = 0

  /// The least pause before an OACK is sent again, with room for rounding.
  fileprivate static let leastPause = Duration.milliseconds(900)
  /// As `TFTPLimits.repetition` has it.
  private static let repetition = Duration.seconds(3)

  init(_ site: SimulatedSite) { self.site = site }

  mutating func due() { cause = .clock }

  mutating func stopped() {
    transfers = [:]
    portOfClient = [:]
    cause = .clock
  }

  mutating func arrived(_ octets: [UInt8], from arrival: Arrival) {
    cause = .clock
    guard let packet = TFTPGlimpse(octets) else { return }
    let port = arrival.destination.port
    if port == 69 {
      guard packet.operation == TFTPGlimpse.readRequest else { return }
      let name = TFTPGlimpse.texts(octets).first ?? ""
      requests[arrival.source] = Request(octets: octets, name: name)
      cause = .request(arrival.source)
      return
    }
    guard var transfer = transfers[port] else { return }
    var sender = Sender.stranger
    if transfer.client == arrival.source {
      sender = transfer.heard(packet)
      transfers[port] = transfer
    }
    cause = .packet(port: port, sender: sender)
  }

  /// A stranger's packet ends no transfer either.
  func recorded(_ fact: Fact, at time: Instant, into complaints: inout Complaints) {
    guard case .packet(let port, .stranger) = cause, let transfer = transfers[port],
      fact.endsTransfer
    else { return }
    complaints.add(.stranger, at: time, "\(transfer.request.name) to \(transfer.client) ends")
  }

  /// Whether a request is the one that a transfer answers already, so that it leads to nothing.
  func isRepetition(_ octets: [UInt8], from client: Endpoint) -> Bool {
    portOfClient[client].flatMap { transfers[$0] }?.request.octets == octets
  }

  mutating func sent(
    _ sent: SentDatagram, at time: Instant, into complaints: inout Complaints
  ) {
    guard sent.source.port >= 49_152, let packet = TFTPGlimpse(sent.payload),
      packet.operation == TFTPGlimpse.block || packet.operation == TFTPGlimpse.options
    else { return }
    let port = sent.source.port
    if case .request(let client) = cause, client == sent.destination,
      let request = requests[client]
    {
      begin(request, port, client, packet.operation, at: time, into: &complaints)
      // What more is sent now is its own doing.
      cause = .clock
    }
    guard var transfer = transfers[port] else { return }
    guard transfer.client == sent.destination else {
      complaints.add(
        .stranger, at: time,
        "port \(port) is \(transfer.client)'s, and sends to \(sent.destination)")
      return
    }
    if packet.operation == TFTPGlimpse.options {
      transfer.offer(sent.payload, port, at: time, into: &complaints)
    } else {
      check(cause, &transfer, port, at: time, into: &complaints)
      compare(sent.payload, packet.number, &transfer, at: time, into: &complaints)
    }
    transfers[port] = transfer
  }

  private mutating func begin(
    _ request: Request, _ port: UInt16, _ client: Endpoint, _ operation: UInt8, at time: Instant,
    into complaints: inout Complaints
  ) {
    if let former = portOfClient[client].flatMap({ transfers[$0] }), former.request == request,
      !former.isHeard, let sent = former.optionsTime, time < sent + Self.repetition,
      operation == TFTPGlimpse.options
    {
      complaints.add(
        .option, at: time, "\(client) asks for \(request.name) once, and two ports answer")
    }
    transfers[port] = Transfer(
      client: client, request: request, file: site.file(named: request.name))
    portOfClient[client] = port
  }

  private func check(
    _ cause: Cause, _ transfer: inout Transfer, _ port: UInt16, at time: Instant,
    into complaints: inout Complaints
  ) {
    guard case .packet(port, let sender) = cause else { return }
    switch sender {
    case .client: break
    case .stranger:
      complaints.add(
        .stranger, at: time, "\(transfer.request.name) to \(transfer.client) goes on")
    case .clientAgain:
      // With a window one says that its first block was lost (RFC 7440 §4), once a block.
      if transfer.windowSize == 1 || transfer.restarts >= transfer.windowSize {
        complain(of: transfer, "after block \(transfer.acknowledged)")
      }
      transfer.restarts += 1
    case .clientElsewhere: complain(of: transfer, "for no block that is under way")
    }

    func complain(of transfer: Transfer, _ text: String) {
      complaints.add(
        .duplicate, at: time, "\(transfer.request.name) to \(transfer.client), \(text)")
    }
  }

  private mutating func compare(
    _ payload: [UInt8], _ number: UInt16, _ transfer: inout Transfer, at time: Instant,
    into complaints: inout Complaints
  ) {
    let block =
      transfer.acknowledged
      + UInt64(number &- UInt16(truncatingIfNeeded: transfer.acknowledged))
    transfer.sent = max(transfer.sent, block)
    guard let file = transfer.file, block > 0 else { return }
    comparedBlocks += 1
    let offset = Int(block - 1) * transfer.blockSize
    let count = min(max(file.byteCount - offset, 0), transfer.blockSize)
    if payload.count == count + 4, offset <= file.byteCount,
      payload[4...].elementsEqual(file.octets(from: offset, count: count))
    {
      return
    }
    complaints.add(
      .content, at: time, "block \(block) of \(transfer.request.name) to \(transfer.client)")
  }
}

extension TransferChecker.Transfer {
  fileprivate mutating func heard(_ packet: TFTPGlimpse) -> TransferChecker.Sender {
    isHeard = true
    guard packet.operation == TFTPGlimpse.acknowledgement else { return .client }
    let step = packet.number &- UInt16(truncatingIfNeeded: acknowledged)
    let block = acknowledged + UInt64(step)
    guard block <= sent else { return .clientElsewhere }
    let isAgain = step == 0 && (isAcknowledged || optionsTime == nil)
    isAcknowledged = true
    if step > 0 {
      acknowledged = block
      restarts = 0
    }
    return isAgain ? .clientAgain : .client
  }

  fileprivate mutating func offer(
    _ payload: [UInt8], _ port: UInt16, at time: Instant, into complaints: inout Complaints
  ) {
    if let former = optionsTime, time < former + TransferChecker.leastPause {
      complaints.add(
        .option, at: time,
        "\(client) asks for \(request.name) once, and port \(port) answers twice")
    }
    optionsTime = time
    let texts = TFTPGlimpse.texts(payload)
    blockSize = TFTPGlimpse.value(of: "blksize", in: texts) ?? 512
    windowSize = TFTPGlimpse.value(of: "windowsize", in: texts) ?? 1
  }
}
