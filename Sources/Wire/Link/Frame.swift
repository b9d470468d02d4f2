/// One frame as a capture holds it.
package struct Frame: Hashable, Sendable {
  /// Its place in the file, from 1, as Wireshark counts.
  package let number: Int
  /// When it was captured, in nanoseconds since 1970; what a file says of it may be any number.
  package let time: Int64
  package let link: LinkType
  /// Bytes on the wire; more than `octets` holds where the capture cut it.
  package let originalCount: Int
  package let octets: [UInt8]

  package init(number: Int, time: Int64, link: LinkType, originalCount: Int, octets: [UInt8]) {
    self.number = number
    self.time = time
    self.link = link
    self.originalCount = originalCount
    self.octets = octets
  }

  /// Whether the capture holds only its beginning.
  package var isCut: Bool { originalCount > octets.count }
}

/// What stands before the network packet in a captured frame (libpcap's link-layer header types).
package enum LinkType: Hashable, Sendable {
  case ethernet
  /// Of a capture of all interfaces at once: LINKTYPE_LINUX_SLL.
  case linuxCooked
  /// LINKTYPE_LINUX_SLL2.
  case linuxCooked2
  /// The IP packet itself.
  case rawIP
  /// Four octets with the address family, in the byte order of the machine that captured.
  case loopback
  /// One that no packet of ours is looked for in, by its number.
  case other(Int32)
}
