import Wire

/// Recordings made octet by octet, in either byte order.
struct SavefileBytes {
  var octets: [UInt8] = []
  let isBig: Bool

  /// A classic file's head.
  init(
    isBig: Bool, magic: UInt32 = 0xa1b2_c3d4, linkType: UInt32 = 1, longest: UInt32 = 262_144
  ) {
    self.isBig = isBig
    append(magic)
    append(UInt16(2))
    append(UInt16(4))
    append(UInt32(0))
    append(UInt32(0))
    append(longest)
    append(linkType)
  }

  /// A pcapng section's head, without interfaces.
  init(sectionIsBig isBig: Bool) {
    self.isBig = isBig
    block(0x0a0d_0d0a) { body in
      body.append(UInt32(0x1a2b_3c4d))
      body.append(UInt16(1))
      body.append(UInt16(0))
      body.append(UInt32.max)
      body.append(UInt32.max)
    }
  }

  private init(partIsBig isBig: Bool) { self.isBig = isBig }

  mutating func append(_ field: some FixedWidthInteger) {
    let count = field.bitWidth / 8
    for index in 0..<count {
      octets.append(UInt8(truncatingIfNeeded: field >> (8 * (isBig ? count - 1 - index : index))))
    }
  }

  /// A classic frame.
  mutating func frame(
    seconds: UInt32 = 0, fraction: UInt32 = 0, captured: UInt32? = nil, original: UInt32? = nil,
    _ payload: [UInt8]
  ) {
    append(seconds)
    append(fraction)
    append(captured ?? UInt32(payload.count))
    append(original ?? UInt32(payload.count))
    octets += payload
  }

  /// An interface of a pcapng section; a resolution of 9 means nanoseconds.
  mutating func interface(linkType: UInt16, resolution: UInt8) {
    block(1) { body in
      body.append(linkType)
      body.append(UInt16(0))
      body.append(UInt32(0))
      body.append(UInt16(9))
      body.append(UInt16(1))
      body.octets += [resolution, 0, 0, 0]
      body.append(UInt32(0))
    }
  }

  /// A frame of a pcapng section.
  mutating func packet(interface: UInt32, time: UInt64, _ payload: [UInt8]) {
    block(6) { body in
      body.append(interface)
      body.append(UInt32(time >> 32))
      body.append(UInt32(truncatingIfNeeded: time))
      body.append(UInt32(payload.count))
      body.append(UInt32(payload.count))
      body.octets += payload + [UInt8](repeating: 0, count: -payload.count & 3)
    }
  }

  private mutating func block(_ type: UInt32, _ body: (inout SavefileBytes) -> Void) {
    var part = SavefileBytes(partIsBig: isBig)
    body(&part)
    append(type)
    append(UInt32(part.octets.count + 12))
    octets += part.octets
    append(UInt32(part.octets.count + 12))
  }
}
