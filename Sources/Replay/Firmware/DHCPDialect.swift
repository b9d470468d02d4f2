import Boot
import Bytes
import Network
import Wire

/// How one firmware speaks DHCP: what it sends, when it repeats it, and which answers it takes.
///
/// The rows are in `DHCPDialect+Table.swift`; a new firmware is a row, not a branch.
package struct DHCPDialect: Hashable, Sendable {
  /// How a firmware chooses among the answers to its DISCOVER.
  enum Choice: Hashable, Sendable {
    /// The first answer that it can read, whatever it holds.
    case first
    /// The first with an address, and beside it the first proxyDHCP's that it can use.
    case ipxe
    /// The best of all that come while it waits (EDK II, `PxeBcSelectDhcp4Offer`).
    case pxe
    /// Like `pxe`, among those of its own class.
    case http
    /// The first with the Raspberry Pi's menu; its address may be another's.
    case raspberryPi
  }

  /// What stands in option 97 after its type.
  enum Identifier: Hashable, Sendable {
    case uuid
    /// `RPi4` or `RPi5`, and the board's revision.
    case raspberryPi(name: String, revision: UInt32)
    /// The serial number four times.
    case serial
    /// The Pi 3 ROM's 0x44.
    case fours
  }

  let name: String
  let choice: Choice
  /// The options of each message by their codes, in the order in which the firmware writes them.
  let discover: [UInt8]
  let request: [UInt8]
  /// Of a REQUEST to port 4011; empty: it knows no boot servers.
  var bootServer: [UInt8] = []
  var vendorClass = ""
  /// Option 93; nil: none is sent.
  var architecture: UInt16?
  var interfaceVersion: [UInt8] = []
  var parameters: [UInt8] = []
  var features: [UInt8] = []
  var identifier = Identifier.uuid
  /// Option 57 of each.
  var discoverSize: UInt16 = 1472
  var requestSize: UInt16 = 1472
  var hostName = ""
  /// The `file` that it asks for.
  var file = ""
  var wantsBroadcast = false
  /// Whether `siaddr` of its REQUEST holds the server's address, which RFC 2131 says is zero.
  var namesServerInHeader = false
  /// `xid`, where every board of a kind has the same.
  var transactionID: UInt32?
  /// The least bytes of a message.
  var leastCount = 300
  /// When DISCOVERs go out, counted from the first; after the last, the last gap passes again.
  let discovers: [Duration]
  /// `secs` of each of them.
  var seconds: [UInt16] = []
  let requests: [Duration]
  var bootServerRequests: [Duration] = []
  /// The port that it asks boot servers from.
  var bootServerPort: UInt16 = 68
  /// How long more answers are waited for after each DISCOVER.
  var window = Duration.zero
  /// Whether it takes an offered address for its own, and asks no more.
  var takesOffers = false
}

extension DHCPDialect {
  /// Writes the message `type`; `reply` is the OFFER that a REQUEST is for.
  func message(
    _ type: DHCPMessageType, codes: [UInt8], _ identity: MachineIdentity, transactionID: UInt32,
    seconds: UInt16, at address: IPv4Address = .unspecified, for reply: DHCPMeaning? = nil
  ) -> [UInt8] {
    var header = DHCPHeader(hardwareAddress: HardwareAddress(identity.macAddress))
    header.isRequest = true
    header.transactionID = transactionID
    header.secondsElapsed = seconds
    header.flags = wantsBroadcast ? 0x8000 : 0
    header.clientAddress = address
    let server = reply?.address(DHCPOption.serverIdentifier)
    if namesServerInHeader, type == .request, let server { header.serverAddress = server }
    var output = ByteWriter()
    let writer = DHCPWriter(header, file: file, limit: 4000, into: &output)
    for code in codes {
      let value: [UInt8]? =
        switch code {
        case DHCPOption.messageType: [type.rawValue]
        case DHCPOption.requestedAddress: reply.map { $0.header.yourAddress.array }
        case DHCPOption.serverIdentifier: server?.array
        case DHCPOption.maximumMessageSize:
          (type == .discover ? discoverSize : requestSize).array
        default: constant(code, identity)
        }
      if let value, !value.isEmpty { writer.option(code, value, into: &output) }
    }
    writer.finish(into: &output)
    output.write(repeating: 0, count: leastCount - output.count)
    return output.bytes
  }

  /// What is the same in every message of a machine.
  private func constant(_ code: UInt8, _ identity: MachineIdentity) -> [UInt8]? {
    switch code {
    case DHCPOption.parameterRequestList: parameters
    case DHCPOption.vendorClass: Array(vendorClass.utf8)
    case DHCPOption.userClass: Array("iPXE".utf8)
    case DHCPOption.clientArchitecture: architecture?.array
    case DHCPOption.networkInterface: interfaceVersion
    case DHCPOption.ipxe: features
    case DHCPOption.hostName: Array(hostName.utf8)
    case DHCPOption.clientIdentifier: [1] + identity.macAddress.array
    case DHCPOption.clientUUID: [0] + identifier(of: identity)
    default: nil
    }
  }

  private func identifier(of identity: MachineIdentity) -> [UInt8] {
    let serial = identity.serial.littleEndianArray
    switch identifier {
    case .fours: return [UInt8](repeating: 0x44, count: 16)
    case .serial: return serial + serial + serial + serial
    case .raspberryPi(let name, let revision):
      let address = UInt32(truncatingIfNeeded: identity.macAddress.number)
      return Array(name.utf8) + revision.littleEndianArray + address.array + serial
    case .uuid:
      // The first three fields little-endian, as EFI has them (RFC 4578 §2.3).
      let swapped = identity.uuid.swapped
      return swapped.high.array + swapped.low.array
    }
  }
}

extension FixedWidthInteger {
  /// The octets as on the wire.
  var array: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: self >> Self($0))
    }
  }

  var littleEndianArray: [UInt8] { array.reversed() }
}

extension IPv4Address {
  var array: [UInt8] { number.array }
}

extension MACAddress {
  var array: [UInt8] { (0..<6).map { octet($0) } }
}
