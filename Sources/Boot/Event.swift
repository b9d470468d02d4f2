import Network

/// A fact about a boot or the appliance, named in the past tense. Events are never changed.
///
/// Log, timeline, metrics and transcripts all come from here: if something is worth saying, it is
/// an event.
package struct Event: Hashable, Sendable {
  /// Whom it is about; nil when no hardware address is known.
  package var macAddress: MACAddress?
  /// The address that it has or asks from; nil when none is known.
  package var address: IPv4Address?
  package var fact: Fact

  package init(_ fact: Fact, macAddress: MACAddress? = nil, address: IPv4Address? = nil) {
    self.fact = fact
    self.macAddress = macAddress
    self.address = address
  }
}

/// The protocols that we speak, for events and counters.
package enum ServiceName: String, CaseIterable, Sendable {
  case dhcp
  case tftp
  case http
  case dns
}

/// What happened. Facts of one conversation carry only words and numbers, so that recording them
/// allocates nothing; strings come with transfers and requests.
package enum Fact: Hashable, Sendable {
  // DHCP
  case discoverReceived(Firmware?)
  case addressOffered(IPv4Address, BootInstruction)
  case requestReceived(RequestState, Firmware?)
  case leaseGranted(IPv4Address, seconds: UInt32, BootInstruction)
  case requestRefused(IPv4Address, Refusal)
  case offerDeclined(server: IPv4Address)
  case leaseReleased(IPv4Address)
  case addressDeclined(IPv4Address)
  case informAnswered(BootInstruction)
  /// A proxyDHCP OFFER: where to boot from, beside another server's address.
  case bootOffered(BootInstruction)
  /// The answer of port 4011.
  case bootAcknowledged(BootInstruction)
  /// Another server gives addresses where we do.
  case foreignServerSeen(ForeignServer)
  /// Nobody gives addresses on an interface where we are a proxyDHCP.
  case serverMissing(interface: String)
  case poolExhausted(IPv4Prefix)
  /// So many addresses are kept for clients that nobody knows and that do not take them. The port is
  /// option 82's; empty: all of the interface, or of the relay at the event's address.
  case floodSeen(interface: String, relayPort: [UInt8], clients: Int)
  /// The clients of a flood are this one machine: its frames have its own hardware address.
  case floodTraced(interface: String, source: MACAddress, clients: Int)
  /// Somebody without a lease of ours answers for an address of a pool; nil: nobody knows who.
  case addressOccupied(IPv4Address, by: MACAddress?)
  /// A host answers for more addresses of a pool than one can use: its answers count no more.
  case answersDisbelieved(Pool, by: MACAddress)
  case reservationTaken(IPv4Address, by: MACAddress?)
  case machineIgnored
  /// An IPv6 router advertises itself, so that we do not.
  case routerSeen
  case bootUnsupported(Firmware)
  // TFTP
  case transferStarted(name: String, byteCount: Int, blockSize: Int, windowSize: Int)
  case transferCompleted(name: String, byteCount: Int, Duration, resent: Int)
  case transferFailed(name: String, TransferFailure)
  case transferProbed(name: String, byteCount: Int)
  // HTTP
  case fileServed(name: String, byteCount: Int, Duration)
  case fileCut(name: String, byteCount: Int, of: Int)
  case scriptRendered(profile: String, byteCount: Int)
  case menuRendered(Menu.Program, profile: String, byteCount: Int)
  case answerRendered(profile: String, file: String, byteCount: Int)
  case machineReported(text: String)
  case requestDenied(name: String, status: Int)
  // Provisioning
  case provisionChanged(machine: String, ProvisionState, cause: String)
  /// An answer or hook with secrets went to its machine, for this once.
  case secretReleased(machine: String, file: String)
  /// `machine` is empty when nobody knows whose it was meant to be.
  case answerRefused(machine: String, file: String, AnswerRefusal)
  case nodeRegistered(name: String)
  case nodeChanged(name: String, what: String)
  // Any service
  case fileMissing(ServiceName, name: String)
  case packetMalformed(ServiceName, reason: String)
  case packetDropped(ServiceName, Drop)
  // Nodes
  /// Its port 22 takes connections, and did not before or was not known to.
  case nodeReachable(node: String)
  /// Its port 22 took connections, and does no more.
  case nodeUnreachable(node: String)
  /// A node is not in DNS, because its name is the configuration's or another node's.
  case nameTaken(node: String, by: String)
  /// A key was made for the machine to show from its next installation on.
  case hostKeyMade(machine: String)
  // The appliance
  case applianceStarted(version: String)
  case applianceStopped
  case configurationLoaded(generation: UInt64)
  case configurationRefused(mistakes: Int, first: String)
  /// Applied objects were edited.
  case objectsChanged(generation: UInt64, author: String, created: Int, changed: Int, deleted: Int)
  case actionFailed(reason: String)
  case receiveBufferSmall(bytes: Int, wanted: Int)
  case configurationWarned(text: String)
  /// A service that nobody asked for by name is not there, because another program has its port.
  case portTaken(reason: String)
  /// A file of the loaders folder is not what its place says; it is not offered.
  case loaderRefused(reason: String)
  /// Somebody changed something by the API: `token NAME`, or who may open the control socket.
  case apiUsed(by: String, request: String)
  /// Somebody asked the API with a token that opens nothing.
  case apiRefused(reason: String)
  /// A client does not speak TLS as we do, or does not trust our certificate.
  case handshakeFailed(reason: String)
  /// The certificate of a file expires, or did, as many days ago as the number is below zero.
  case certificateExpiring(file: String, days: Int)
  /// The lease database was damaged: a new one was made, with what could be read of the old.
  case databaseSetAside(path: String, reason: String, salvaged: Int)
  /// What machine and server said to each other was written down, because the boot came to nothing.
  case recordingWritten(path: String, reason: String)
  /// One machine's lines are left out of the log until the window of so many seconds ends.
  case logSuppressed(seconds: UInt32)
  /// So many lines were left out of the log while it was suppressed.
  case logResumed(lines: Int)

  /// RFC 2131 §4.3.2: which of its four states a client sends a REQUEST in.
  package enum RequestState: String, Sendable {
    case selecting
    case initReboot = "init-reboot"
    case renewing
    case rebinding
  }

  /// Why a REQUEST got a NAK.
  package enum Refusal: String, Sendable {
    /// The address is not of the subnet that the client is on.
    case wrongSubnet = "wrong subnet"
    /// Another client has it, or it is reserved for another.
    case taken
    /// It is not ours to give.
    case notOurs = "not ours to give"
    /// The client's own address is another one now.
    case changed = "another address is reserved"
  }

  package enum TransferFailure: Hashable, Sendable {
    /// The client sent ERROR.
    case aborted(code: UInt16, message: String)
    case timedOut(atBlock: UInt64)
    case refused(code: UInt16)
    case cut
  }

  /// Why a well-formed packet was not answered.
  package enum Drop: String, Sendable {
    case notServedHere = "not served here"
    case noSubnet = "no subnet"
    case noIdentity = "no identity"
    case tooMany = "too many"
    case truncated
    case reply = "not a request"
    case stranger = "unknown transfer"
    case notClient = "not a client message"
    case notBooting = "does not boot from the network"
    case othersBusiness = "another server's business"
    case beingProbed = "its address is yet to be probed"
    case spoofedRelay = "a relay's address from who is no relay"
  }
}
