import Bytes
import Network
import Wire

/// What a relay says of a message that it forwards: sub-options of option 82, heeded only beside a
/// `giaddr`, because a client could write them too.
struct RelayAgent {
  /// The subnet that the client is on, where `giaddr` is only an address to answer to (RFC 3527),
  /// else as option 118 has it (RFC 3011); nil: that of `giaddr`.
  private(set) var linkSelection: IPv4Address?
  /// RFC 5107.
  private(set) var serverIdentifier: IPv4Address?
  /// RFC 5010.
  private(set) var wasUnicast: Bool?

  private static let linkSelectionCode: UInt8 = 5
  private static let flagsCode: UInt8 = 10
  private static let serverIdentifierCode: UInt8 = 11

  init(_ message: borrowing DHCPMessage) throws(Malformed) {
    guard message.relayAddress != .unspecified else { return }
    var found = RelayAgent()
    _ = try message.withValue(of: DHCPOption.relayAgentInformation) {
      value throws(Malformed) -> Bool? in
      found.linkSelection = try Self.address(Self.linkSelectionCode, value)
      found.serverIdentifier = try Self.address(Self.serverIdentifierCode, value)
      if let flags = try SubOptions.value(of: Self.flagsCode, in: value, .plain),
        flags.byteCount == 1
      {
        found.wasUnicast = flags.octet(at: 0) & 0x80 != 0
      }
      return true
    }
    if found.linkSelection == nil {
      found.linkSelection = try message.withValue(of: DHCPOption.subnetSelection) {
        value throws(Malformed) -> IPv4Address? in try Self.address(value)
      }
    }
    self = found
  }

  private init() {}

  private static func address(
    _ code: UInt8, _ value: RawSpan
  ) throws(Malformed) -> IPv4Address? {
    guard let found = try SubOptions.value(of: code, in: value, .plain) else { return nil }
    return try address(found)
  }

  /// An address of the wrong length selects nothing: the message is dropped.
  private static func address(_ value: RawSpan) throws(Malformed) -> IPv4Address {
    guard value.byteCount == 4 else {
      throw Malformed(.invalid("relay's address"), at: DHCPMessage.minimumCount)
    }
    var reader = ByteReader(value)
    return IPv4Address(try reader.read(UInt32.self))
  }
}
