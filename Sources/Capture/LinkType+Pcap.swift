import CPcap
import Wire

extension LinkType {
  /// By libpcap's number, which for raw IP differs from that of files.
  init(of handle: OpaquePointer) {
    switch unsafe pcap_datalink(handle) {
    case DLT_EN10MB: self = .ethernet
    case DLT_RAW, DLT_IPV4, DLT_IPV6: self = .rawIP
    case DLT_NULL, DLT_LOOP: self = .loopback
    case DLT_LINUX_SLL: self = .linuxCooked
    case DLT_LINUX_SLL2: self = .linuxCooked2
    case let number: self = .other(number)
    }
  }

  /// The number that stands in a file: tcpdump.org/linktypes.html.
  var number: UInt32 {
    switch self {
    case .ethernet: 1
    case .rawIP: 101
    case .loopback: 0
    case .linuxCooked: 113
    case .linuxCooked2: 276
    case .other(let number): UInt32(truncatingIfNeeded: number)
    }
  }
}
