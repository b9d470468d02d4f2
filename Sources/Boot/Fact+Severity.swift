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
      .applianceStarted, .applianceStopped, .configurationLoaded:
      .info
    case .foreignServerSeen, .serverMissing, .requestRefused, .addressDeclined, .poolExhausted,
      .reservationTaken, .bootUnsupported,
      .transferFailed, .requestDenied, .packetMalformed, .receiveBufferSmall, .configurationWarned,
      .loaderRefused, .handshakeFailed, .certificateExpiring, .logSuppressed, .logResumed:
      .warning
    case .configurationRefused, .actionFailed, .databaseSetAside: .error
    }
  }
}
