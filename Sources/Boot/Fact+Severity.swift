extension Fact {
  /// How much an operator wants to hear of it.
  package enum Severity: Int, Comparable, Sendable {
    case debug
    case info
    case warning
    case error

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  package var severity: Severity {
    switch self {
    case .requestReceived, .transferProbed, .packetDropped, .offerDeclined: .debug
    case .discoverReceived, .addressOffered, .leaseGranted, .leaseReleased, .informAnswered,
      .bootOffered, .bootAcknowledged,
      .machineIgnored, .routerSeen, .transferStarted, .transferCompleted, .fileServed, .fileCut,
      .scriptRendered, .menuRendered, .answerRendered, .machineReported, .fileMissing,
      .provisionChanged, .secretReleased, .nodeRegistered,
      .applianceStarted, .applianceStopped, .configurationLoaded, .objectsChanged, .nodeReachable,
      .hostKeyMade, .apiUsed:
      .info
    case .foreignServerSeen, .serverMissing, .requestRefused, .addressDeclined, .poolExhausted,
      .floodSeen, .floodTraced, .addressOccupied, .answersDisbelieved,
      .reservationTaken, .bootUnsupported, .answerRefused, .nodeChanged,
      .transferFailed, .requestDenied, .packetMalformed, .receiveBufferSmall, .configurationWarned,
      .portTaken, .nodeUnreachable, .nameTaken,
      .loaderRefused, .handshakeFailed, .certificateExpiring, .logSuppressed, .logResumed,
      .apiRefused, .recordingWritten:
      .warning
    case .configurationRefused, .actionFailed, .databaseSetAside: .error
    }
  }
}

extension Fact {
  /// Whether it is a step of a machine's boot, or says why there was none. What an installed system
  /// asks of the DHCP server beside us is neither.
  package var isOfBoot: Bool {
    switch self {
    case .packetDropped(.dhcp, let drop): drop != .notBooting && drop != .othersBusiness
    case _: true
    }
  }
}

extension Fact {
  /// Whether the operator or the box itself caused it: no stranger can make many of these, and no
  /// flood of strangers' events may push them out of the log.
  package var isOwn: Bool {
    switch self {
    case .applianceStarted, .applianceStopped, .configurationLoaded, .configurationRefused,
      .objectsChanged,
      .configurationWarned, .loaderRefused, .certificateExpiring, .databaseSetAside,
      .receiveBufferSmall, .serverMissing, .portTaken, .hostKeyMade, .apiUsed,
      .secretReleased, .floodSeen, .floodTraced, .recordingWritten:
      true
    case _: false
    }
  }
}
