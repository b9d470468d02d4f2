import Network

extension Fact {
  /// What there is to say beside the name, in the order in which it is read best.
  package var fields: [Field] {
    switch self {
    case .discoverReceived(let firmware): Self.firmware(firmware)
    case .addressOffered(let address, let instruction):
      [Field("offer", "\(address)"), Field("boot", instruction.description)]
    case .requestReceived(let state, let firmware):
      [Field("state", state.rawValue)] + Self.firmware(firmware)
    case .leaseGranted(let address, let seconds, let instruction):
      [
        Field("lease", "\(address)"), Field("seconds", seconds),
        Field("boot", instruction.description),
      ]
    case .requestRefused(let address, let refusal):
      [Field("wanted", "\(address)"), Field("reason", refusal.rawValue)]
    case .offerDeclined(let server): [Field("server", "\(server)")]
    case .foreignServerSeen(let server): server.fields
    case .leaseReleased(let address), .addressDeclined(let address):
      [Field("lease", "\(address)")]
    case .informAnswered(let instruction), .bootOffered(let instruction),
      .bootAcknowledged(let instruction):
      [Field("boot", instruction.description)]
    case .serverMissing(let interface): [Field("interface", interface)]
    case .poolExhausted(let subnet): [Field("subnet", "\(subnet)")]
    case .floodSeen(let interface, let port, let clients):
      [Field("interface", interface)]
        + (port.isEmpty ? [] : [Field("relay-port", String(decoding: port, as: UTF8.self))])
        + [Field("clients", clients)]
    case .floodTraced(let interface, let source, let clients):
      [Field("interface", interface), Field("source", "\(source)"), Field("clients", clients)]
    case .addressOccupied(let address, let holder):
      [Field("occupied", "\(address)")] + (holder.map { [Field("by", "\($0)")] } ?? [])
    case .answersDisbelieved(let pool, let host):
      [Field("pool", "\(pool.first)-\(pool.last)"), Field("by", "\(host)")]
    case .reservationTaken(let address, let holder):
      [Field("reserved", "\(address)")] + (holder.map { [Field("by", "\($0)")] } ?? [])
    case .machineIgnored, .routerSeen, .applianceStopped: []
    case .bootUnsupported(let firmware): [Field("firmware", firmware.description)]
    case .transferStarted, .transferCompleted, .transferFailed, .transferProbed: transferFields
    case .fileServed, .fileCut, .scriptRendered, .menuRendered, .answerRendered,
      .machineReported, .requestDenied, .fileMissing:
      fileFields
    case .provisionChanged, .secretReleased, .answerRefused, .nodeRegistered, .nodeChanged:
      provisioningFields
    case .packetMalformed(let service, let reason):
      [Field("service", service.rawValue), Field("reason", reason)]
    case .packetDropped(let service, let drop):
      [Field("service", service.rawValue), Field("reason", drop.rawValue)]
    case .nodeReachable(let node), .nodeUnreachable(let node): [Field("node", node)]
    case .nameTaken(let node, let holder): [Field("node", node), Field("by", holder)]
    case .hostKeyMade(let machine): [Field("machine", machine)]
    case .applianceStarted, .configurationLoaded, .configurationRefused, .objectsChanged,
      .actionFailed, .apiUsed, .apiRefused,
      .receiveBufferSmall, .configurationWarned, .portTaken,
      .loaderRefused, .handshakeFailed, .certificateExpiring, .logSuppressed, .logResumed,
      .databaseSetAside, .recordingWritten:
      applianceFields
    }
  }

  private var transferFields: [Field] {
    switch self {
    case .transferStarted(let name, let byteCount, let blockSize, let windowSize):
      [
        Field("file", name), Field("bytes", byteCount), Field("blksize", blockSize),
        Field("windowsize", windowSize),
      ]
    case .transferCompleted(let name, let byteCount, let duration, let resent):
      [
        Field("file", name), Field("bytes", byteCount), Field("took", duration),
        Field("resent", resent),
      ]
    case .transferFailed(let name, let failure):
      [Field("file", name), Field("reason", failure.description)]
    case .transferProbed(let name, let byteCount): [Field("file", name), Field("bytes", byteCount)]
    case _: []
    }
  }

  private var fileFields: [Field] {
    switch self {
    case .fileServed(let name, let byteCount, let duration):
      [Field("file", name), Field("bytes", byteCount), Field("took", duration)]
    case .fileCut(let name, let byteCount, let whole):
      [Field("file", name), Field("bytes", byteCount), Field("of", whole)]
    case .scriptRendered(let profile, let byteCount):
      [Field("profile", profile), Field("bytes", byteCount)]
    case .menuRendered(let program, let profile, let byteCount):
      [Field("program", program.rawValue), Field("profile", profile), Field("bytes", byteCount)]
    case .answerRendered(let profile, let file, let byteCount):
      [Field("profile", profile), Field("file", file), Field("bytes", byteCount)]
    case .machineReported(let text): [Field("text", text)]
    case .requestDenied(let name, let status): [Field("file", name), Field("status", status)]
    case .fileMissing(let service, let name):
      [Field("service", service.rawValue), Field("file", name)]
    case _: []
    }
  }

  private var provisioningFields: [Field] {
    switch self {
    case .provisionChanged(let machine, let state, let cause):
      [Field("machine", machine), Field("state", state.rawValue), Field("cause", cause)]
    case .secretReleased(let machine, let file): [Field("machine", machine), Field("file", file)]
    case .answerRefused(let machine, let file, let refusal):
      (machine.isEmpty ? [] : [Field("machine", machine)])
        + [Field("file", file), Field("reason", refusal.rawValue)]
    case .nodeRegistered(let name): [Field("node", name)]
    case .nodeChanged(let name, let what): [Field("node", name), Field("what", what)]
    case _: []
    }
  }

  private var applianceFields: [Field] {
    switch self {
    case .applianceStarted(let version): [Field("version", version)]
    case .configurationLoaded(let generation): [Field("generation", generation)]
    case .configurationRefused(let mistakes, let first):
      [Field("mistakes", mistakes), Field("first", first)]
    case .objectsChanged(let generation, let author, let created, let changed, let deleted):
      [
        Field("generation", generation), Field("author", author), Field("created", created),
        Field("changed", changed), Field("deleted", deleted),
      ]
    case .actionFailed(let reason): [Field("reason", reason)]
    case .receiveBufferSmall(let bytes, let wanted):
      [Field("bytes", bytes), Field("wanted", wanted)]
    case .configurationWarned(let text): [Field("text", text)]
    case .apiUsed(let user, let request): [Field("by", user), Field("request", request)]
    case .loaderRefused(let reason), .handshakeFailed(let reason), .portTaken(let reason),
      .apiRefused(let reason):
      [Field("reason", reason)]
    case .certificateExpiring(let file, let days): [Field("file", file), Field("days", days)]
    case .databaseSetAside(let path, let reason, let salvaged):
      [Field("kept", path), Field("reason", reason), Field("salvaged", salvaged)]
    case .recordingWritten(let path, let reason):
      [Field("file", path), Field("reason", reason)]
    case .logSuppressed(let seconds): [Field("seconds", seconds)]
    case .logResumed(let lines): [Field("lines", lines)]
    case _: []
    }
  }

  private static func firmware(_ firmware: Firmware?) -> [Field] {
    firmware.map { [Field("firmware", $0.description)] } ?? []
  }
}

extension Fact.TransferFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .aborted(let code, let message): "client sent error \(code) \(message)"
    case .timedOut(let block): "no answer to block \(block)"
    case .refused(let code): "refused with error \(code)"
    case .cut: "the file changed while it was sent"
    }
  }
}

extension BootInstruction: CustomStringConvertible {
  /// As in logs: the loader's name, or one word.
  package var description: String {
    switch self {
    case .loader(let loader): loader.name
    case .script: "script"
    case .native: "native"
    case .local: "local"
    case .unsupported: "unsupported"
    case .nothing: "none"
    case .ignore: "ignore"
    }
  }
}
