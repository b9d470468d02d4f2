import Bytes
import Network

/// The options that a server reads, by what they mean. A value of the wrong length throws: it is a
/// stranger's mistake, and the message is dropped and counted.
extension DHCPMessage {
  /// Option 53; nil for BOOTP.
  package var type: DHCPMessageType? {
    get throws(Malformed) {
      guard let number: UInt8 = try number(DHCPOption.messageType) else { return nil }
      guard let type = DHCPMessageType(rawValue: number) else {
        throw Malformed(.invalid("message type"), at: Self.minimumCount)
      }
      return type
    }
  }

  /// Option 50.
  package var requestedAddress: IPv4Address? {
    get throws(Malformed) { try address(DHCPOption.requestedAddress) }
  }

  /// Option 54.
  package var serverIdentifier: IPv4Address? {
    get throws(Malformed) { try address(DHCPOption.serverIdentifier) }
  }

  /// Option 51, in seconds; nil also when it is of another length than 4, because it only asks.
  package var leaseTime: UInt32? { wish(DHCPOption.leaseTime) }

  /// Option 57, in bytes. EDK II sends 65280 in its REQUEST, Sony televisions a wrong length,
  /// which is taken for none.
  package var maximumMessageSize: UInt16? { wish(DHCPOption.maximumMessageSize) }

  /// Option 93: the first architecture code of the list that RFC 4578 §2.1 allows.
  package var clientArchitecture: UInt16? {
    get throws(Malformed) {
      try withValue(of: DHCPOption.clientArchitecture) { value throws(Malformed) -> UInt16? in
        var reader = ByteReader(value)
        return try reader.read(UInt16.self)
      }
    }
  }

  /// Option 97 when it is of type 0 and whole; nil else, because boards send the oddest things
  /// there and boot all the same. nil also for all 0 and all 1, which SMBIOS §7.2.1 has for none.
  ///
  /// RFC 4578 §2.3 points to EFI's GUID, whose first three fields are little-endian; EDK II 2022.11
  /// and iPXE of 2019 on BIOS and EFI all send it so, by the fixtures `*-discover.hex`. Turned
  /// round here, it reads as `dmidecode` and iPXE's `${uuid}` print it.
  package var clientUUID: UUID? {
    get throws(Malformed) {
      try withValue(of: DHCPOption.clientUUID) { value throws(Malformed) -> UUID? in
        guard value.byteCount == 17, value.octet(at: 0) == 0 else { return nil }
        var reader = ByteReader(value)
        try reader.skip(1)
        let first = UInt64(try reader.read(UInt32.self).byteSwapped)
        let second = UInt64(try reader.read(UInt16.self).byteSwapped)
        let third = UInt64(try reader.read(UInt16.self).byteSwapped)
        let high = first << 32 | second << 16 | third
        let low: UInt64 = try reader.read()
        guard (high, low) != (0, 0), (high, low) != (.max, .max) else { return nil }
        return UUID(high: high, low: low)
      }
    }
  }

  /// Whether option 77 names `name`, in either form: a list of counted texts (RFC 3004 §4), or the
  /// bare text that iPXE sends.
  package func hasUserClass(_ name: StaticString) throws(Malformed) -> Bool {
    try withValue(of: DHCPOption.userClass) { value throws(Malformed) -> Bool? in
      if value.equals(name) { return true }
      var offset = 0
      while offset < value.byteCount {
        let count = Int(value.octet(at: offset))
        guard count > 0, count <= value.byteCount - offset - 1 else { return false }
        if value.extracting(offset + 1..<offset + 1 + count).equals(name) { return true }
        offset += 1 + count
      }
      return false
    } ?? false
  }

  /// Whether option 60 begins with `text`.
  package func vendorClassBegins(with text: StaticString) throws(Malformed) -> Bool {
    try withValue(of: DHCPOption.vendorClass) { value throws(Malformed) -> Bool? in
      value.hasPrefix(text)
    } ?? false
  }

  /// Whether the option is there, with whatever value.
  package func has(_ code: UInt8) throws(Malformed) -> Bool {
    try withValue(of: code) { _ throws(Malformed) -> Bool? in true } ?? false
  }

  /// Whether option 55 asks for `code`; without an option 55 everything is asked for, because the
  /// REQUEST of a Raspberry Pi has none and still wants all.
  package func asks(for code: UInt8) throws(Malformed) -> Bool {
    try withValue(of: DHCPOption.parameterRequestList) { value throws(Malformed) -> Bool? in
      for index in 0..<value.byteCount where value.octet(at: index) == code { return true }
      return false
    } ?? true
  }

  private func address(_ code: UInt8) throws(Malformed) -> IPv4Address? {
    let value: UInt32? = try number(code)
    return value.map { IPv4Address($0) }
  }

  /// A number that only asks for something: of the wrong length it asks for nothing.
  private func wish<Number: FixedWidthInteger & BitwiseCopyable>(_ code: UInt8) -> Number? {
    do throws(Malformed) { return try number(code) } catch { return nil }
  }

  private func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ code: UInt8
  ) throws(Malformed) -> Number? {
    try withValue(of: code) { value throws(Malformed) -> Number? in
      guard value.byteCount == MemoryLayout<Number>.size else {
        throw Malformed(.invalid("option length"), at: Self.minimumCount)
      }
      var reader = ByteReader(value)
      return try reader.read(Number.self)
    }
  }
}
