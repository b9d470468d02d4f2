import CPcap
import Wire

/// Frames of one interface as they pass, by libpcap. Needs CAP_NET_RAW.
///
/// It never blocks: whoever has it watches ``descriptor``, and asks for frames now and then besides,
/// for the kernel hands over whole blocks of them.
@safe package final class LiveCapture {
  package let interface: String
  package let link: LinkType
  /// Readable when frames are there; libpcap closes it.
  package let descriptor: Int32
  private let handle: OpaquePointer
  private var count = 0

  /// What the kernel keeps for us between two looks, in octets.
  private static let buffer: Int32 = 16 << 20
  /// How long the kernel gathers frames before it hands over a block of them.
  private static let gathering: Int32 = 100
  private static let longest: Int32 = 262_144

  package init(_ interface: String, _ filter: CaptureFilter) throws(CaptureFailure) {
    let handle = try unsafe PcapError.opening(interface) { message in
      unsafe pcap_create(interface, message)
    }
    do throws(CaptureFailure) {
      try unsafe Self.activate(handle, interface)
      let link = unsafe LinkType(of: handle)
      if case .other = link {
        throw CaptureFailure(interface, "its frames are of a link that bootwire does not read")
      }
      try unsafe Self.set(filter.text(for: link), on: handle, interface)
      descriptor = unsafe pcap_get_selectable_fd(handle)
      guard descriptor >= 0 else {
        throw CaptureFailure(interface, "libpcap cannot wait for frames on it")
      }
      self.link = link
    } catch {
      unsafe pcap_close(handle)
      throw error
    }
    unsafe self.handle = handle
    self.interface = interface
  }

  deinit { unsafe pcap_close(handle) }

  /// The next frame that the kernel has; nil when there is none now.
  package func next() throws(CaptureFailure) -> Frame? {
    var head: UnsafeMutablePointer<pcap_pkthdr>?
    var start: UnsafePointer<UInt8>?
    switch unsafe pcap_next_ex(handle, &head, &start) {
    case 0: return nil
    case 1: break
    default: throw unsafe CaptureFailure(interface, PcapError.last(of: handle))
    }
    guard let head = unsafe head, let start = unsafe start else { return nil }
    count += 1
    return unsafe Frame(number: count, link, head.pointee, start)
  }

  /// How many frames the kernel had no room for: what is recorded has gaps there.
  package var missedCount: Int {
    var counts = pcap_stat()
    guard unsafe pcap_stats(handle, &counts) == 0 else { return 0 }
    return Int(counts.ps_drop)
  }

  private static func activate(
    _ handle: OpaquePointer, _ interface: String
  ) throws(CaptureFailure) {
    unsafe pcap_set_snaplen(handle, longest)
    unsafe pcap_set_promisc(handle, 1)
    unsafe pcap_set_timeout(handle, gathering)
    unsafe pcap_set_buffer_size(handle, buffer)
    unsafe pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = unsafe pcap_activate(handle)
    guard status >= 0 else {
      let detail = unsafe PcapError.last(of: handle)
      let summary = unsafe String(cString: pcap_statustostr(status))
      throw CaptureFailure(interface, detail.isEmpty ? summary : detail)
    }
    _ = try unsafe PcapError.opening(interface) { message in
      unsafe pcap_setnonblock(handle, 1, message) == 0 ? handle : nil
    }
  }

  private static func set(
    _ filter: String, on handle: OpaquePointer, _ interface: String
  ) throws(CaptureFailure) {
    var program = unsafe bpf_program()
    guard unsafe pcap_compile(handle, &program, filter, 1, UInt32.max) == 0 else {
      throw unsafe CaptureFailure(interface, PcapError.last(of: handle))
    }
    defer { unsafe pcap_freecode(&program) }
    guard unsafe pcap_setfilter(handle, &program) == 0 else {
      throw unsafe CaptureFailure(interface, PcapError.last(of: handle))
    }
  }
}
