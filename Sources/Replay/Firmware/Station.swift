import Boot
import Network
import Wire

/// What the programs of one boot hand on to each other: the network as DHCP left it, and the screen.
struct Station: Sendable {
  let identity: MachineIdentity
  /// The processor and boot environment that every program must be built for.
  let architecture: Architecture
  var lease: StationLease?
  /// The servers of this world; what others have is taken to be there. nil: whoever does not answer
  /// is not there.
  var servers: Set<IPv4Address>?
  var screen = Screen()
  /// What is to be said in the transcript.
  var notes: [String] = []
  private var lastPort: UInt16 = 0
  private var lastConnection = 0
  private var uses: UInt64 = 0

  init(
    identity: MachineIdentity, architecture: Architecture, lease: StationLease? = nil,
    servers: Set<IPv4Address>? = nil
  ) {
    self.servers = servers
    self.identity = identity
    self.architecture = architecture
    self.lease = lease
    // Firmware counts its ports up from one that differs from boot to boot.
    lastPort = UInt16(1024 + identity.number(for: 0) % 1024)
  }

  mutating func freshPort() -> UInt16 {
    lastPort = lastPort >= 60_000 ? 1024 : lastPort + 1
    return lastPort
  }

  mutating func freshConnection() -> Int {
    lastConnection += 1
    return lastConnection
  }

  /// A number for a transaction.
  mutating func freshNumber() -> UInt64 {
    uses += 1
    return identity.number(for: uses)
  }

  mutating func note(_ text: String) { notes.append(text) }

  /// Whether nothing that this server says can be known here.
  func isElsewhere(_ server: IPv4Address) -> Bool { servers.map { !$0.contains(server) } ?? false }

  var address: IPv4Address { lease?.address ?? .unspecified }
}

/// What DHCP gave to a machine.
package struct StationLease: Hashable, Sendable {
  package var address: IPv4Address
  package var netmask: IPv4Address?
  package var router: IPv4Address?
  package var nameServers: [IPv4Address]
  package var domain: String?
  /// Where the boot file is fetched from; nil: nobody said.
  package var bootServer: IPv4Address?
  /// A name for TFTP, or a URL; nil: nobody said.
  package var bootFile: String?
  /// Who gave the address; iPXE's `dhcp-server`, and where GRUB asks.
  package var server: IPv4Address?
  /// Whether it says to start the machine's own disk.
  var bootsLocally = false
  /// What was wrong with the reply that names no boot file.
  var remark: String?
  /// Every option of the reply, for scripts that read them by number.
  var options: [UInt8: [UInt8]] = [:]

  package init(
    address: IPv4Address, netmask: IPv4Address? = nil, router: IPv4Address? = nil,
    nameServers: [IPv4Address] = [], domain: String? = nil, bootServer: IPv4Address? = nil,
    bootFile: String? = nil, server: IPv4Address? = nil
  ) {
    self.address = address
    self.netmask = netmask
    self.router = router
    self.nameServers = nameServers
    self.domain = domain
    self.bootServer = bootServer
    self.bootFile = bootFile
    self.server = server
  }

  /// What an ACK says, with the boot file from `boot`, which may be another server's.
  init(_ reply: DHCPMeaning, boot: DHCPMeaning? = nil) {
    self.init(address: reply.header.yourAddress)
    netmask = reply.address(DHCPOption.subnetMask)
    router = reply.address(DHCPOption.router)
    nameServers = Self.addresses(reply[DHCPOption.domainNameServer] ?? [])
    domain = reply.text(DHCPOption.domainName)
    server = reply.address(DHCPOption.serverIdentifier)
    bootsLocally = reply.bootsLocally
    for option in reply.options { options[option.code] = option.value }
    take(boot ?? reply)
  }

  /// Takes the boot file of a reply, and the server that it names: `siaddr`, else whoever sent it.
  mutating func take(_ reply: DHCPMeaning) {
    bootFile = reply.bootFile
    let next = reply.header.serverAddress
    bootServer = next != .unspecified ? next : reply.address(DHCPOption.serverIdentifier)
  }

  private static func addresses(_ octets: [UInt8]) -> [IPv4Address] {
    stride(from: 0, to: octets.count - octets.count % 4, by: 4).map {
      IPv4Address(octets[$0], octets[$0 + 1], octets[$0 + 2], octets[$0 + 3])
    }
  }
}

/// What a person would read on the machine's screen, as far as it tells why it does not boot.
struct Screen: Sendable {
  private(set) var lines: [String] = []
  /// Whether a program waited for somebody to read it.
  var hasWaited = false

  private static let mostLines = 32

  mutating func show(_ line: String) {
    guard !line.isEmpty, lines.count < Self.mostLines else { return }
    lines.append(line)
  }

  /// What leaving to the next boot device means: a boot from the local disk as told, or the end
  /// of a machine that this site does not want to boot, whose screen said so long enough to be
  /// read.
  func leaving(_ how: String) -> BootProgress {
    let complaints = lines.filter { $0.hasPrefix("bootwire: ") }
    guard hasWaited, !complaints.isEmpty else { return .booted(how: how) }
    let words = complaints.map { $0.dropFirst("bootwire: ".utf8.count) }
    return .failed(at: .script, because: "its screen says: " + words.joined(separator: "; "))
  }
}
