import Bytes
import Network

/// A DHCP message read in place (RFC 2131 §2): it lives for one call and copies nothing.
///
/// ```
///   0 op  htype hlen hops   4 xid   8 secs  10 flags   12 ciaddr  16 yiaddr
///  20 siaddr  24 giaddr    28 chaddr (16)   44 sname (64)  108 file (128)
/// 236 cookie 99.130.83.99 240 options …
/// ```
package struct DHCPMessage: ~Escapable {
  /// The whole UDP payload.
  package let bytes: RawSpan
  /// Option 52: whether `file` and `sname` hold options too (RFC 2132 §9.3).
  let overload: UInt8
  /// The options that occur in more than one part.
  let repeated: OptionCodes

  package static let minimumCount = 240
  private static let cookie: UInt32 = 0x6382_5363

  /// Checks the header and that every option lies within the message, so that no accessor fails
  /// for want of bytes.
  ///
  /// A missing END is taken as the end of the message, as other servers do. BOOTP messages without
  /// option 53 pass: their ``type`` is nil.
  @_lifetime(copy bytes)
  package init(checking bytes: RawSpan) throws(Malformed) {
    guard bytes.byteCount >= Self.minimumCount else {
      throw Malformed(.truncated, at: bytes.byteCount)
    }
    guard (1...2).contains(bytes.octet(at: 0)) else { throw Malformed(.invalid("op"), at: 0) }
    guard bytes.octet(at: 2) <= 16 else { throw Malformed(.invalid("hlen"), at: 2) }
    guard Self.number(bytes, at: 236) == Self.cookie else {
      throw Malformed(.unsupported("cookie"), at: 236)
    }
    var seen = OptionCodes()
    var repeated = OptionCodes()
    var walk = DHCPOptionWalk(bytes)
    while let option = try walk.next() {
      if seen.contains(option.code) { repeated.insert(option.code) }
      seen.insert(option.code)
      // An overload within an overloaded field means nothing, so nothing can loop.
      guard option.code == DHCPOption.overload, walk.area == .options else { continue }
      let overload = option.count == 1 ? bytes.octet(at: option.start) : 0
      guard (1...3).contains(overload) else {
        throw Malformed(.invalid("overload"), at: option.start)
      }
      walk.overload = overload
    }
    self.bytes = bytes
    self.overload = walk.overload
    self.repeated = repeated
  }

  package var isRequest: Bool { bytes.octet(at: 0) == 1 }
  package var hops: UInt8 { bytes.octet(at: 3) }
  /// `xid`. All Raspberry Pi 3 share one, so no reply may be matched by it alone.
  package var transactionID: UInt32 { Self.number(bytes, at: 4) }
  /// `secs`, which iPXE and GRUB do not count in seconds.
  package var secondsElapsed: UInt16 { UInt16(truncatingIfNeeded: Self.number(bytes, at: 8) >> 16) }
  package var flags: UInt16 { UInt16(truncatingIfNeeded: Self.number(bytes, at: 8)) }
  package var wantsBroadcast: Bool { flags & 0x8000 != 0 }
  /// `ciaddr`.
  package var clientAddress: IPv4Address { IPv4Address(Self.number(bytes, at: 12)) }
  /// `yiaddr`.
  package var yourAddress: IPv4Address { IPv4Address(Self.number(bytes, at: 16)) }
  /// `siaddr`.
  package var serverAddress: IPv4Address { IPv4Address(Self.number(bytes, at: 20)) }
  /// `giaddr`.
  package var relayAddress: IPv4Address { IPv4Address(Self.number(bytes, at: 24)) }

  /// `htype`, `hlen` and `chaddr`.
  package var hardwareAddress: HardwareAddress {
    HardwareAddress(
      type: bytes.octet(at: 1), length: bytes.octet(at: 2),
      high: UInt64(Self.number(bytes, at: 28)) << 32 | UInt64(Self.number(bytes, at: 32)),
      low: UInt64(Self.number(bytes, at: 36)) << 32 | UInt64(Self.number(bytes, at: 40)))
  }

  /// `sname` up to its first NUL; empty when it holds options.
  package var serverName: RawSpan {
    @_lifetime(copy self) get { text(at: 44, limit: overload & 2 != 0 ? 0 : 64) }
  }

  /// `file` up to its first NUL; empty when it holds options.
  package var file: RawSpan {
    @_lifetime(copy self) get { text(at: 108, limit: overload & 1 != 0 ? 0 : 128) }
  }

  /// The options in the order of RFC 3396 §5: options field, `file`, `sname`.
  package var options: DHCPOptionWalk {
    @_lifetime(copy self)
    get {
      var walk = DHCPOptionWalk(bytes)
      walk.overload = overload
      return walk
    }
  }

  @_lifetime(copy self)
  private func text(at start: Int, limit: Int) -> RawSpan {
    var count = 0
    while count < limit, bytes.octet(at: start + count) != 0 { count += 1 }
    return bytes.extracting(start..<start + count)
  }

  private static func number(_ bytes: RawSpan, at offset: Int) -> UInt32 {
    let high = UInt32(bytes.octet(at: offset)) << 24 | UInt32(bytes.octet(at: offset + 1)) << 16
    return high | UInt32(bytes.octet(at: offset + 2)) << 8 | UInt32(bytes.octet(at: offset + 3))
  }
}

extension DHCPMessage {
  /// Calls `body` with the value of the option; nil when it is absent or `body` gives nil.
  ///
  /// Parts of an option that occurs more than once are joined (RFC 3396 §7); only then are bytes
  /// copied.
  package func withValue<Result>(
    of code: UInt8, _ body: (RawSpan) throws(Malformed) -> Result?
  ) throws(Malformed) -> Result? {
    var walk = options
    var joined: [UInt8]?
    while let option = try walk.next() {
      guard option.code == code else { continue }
      let value = bytes.extracting(option.start..<option.start + option.count)
      guard repeated.contains(code) else { return try body(value) }
      joined = (joined ?? []) + value.octets()
    }
    guard let joined else { return nil }
    return try body(joined.rawSpan)
  }
}
