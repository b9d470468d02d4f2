import CPcap
import Glibc
import Wire

/// Reads a recording frame by frame: pcap and pcapng in either byte order, by libpcap.
///
/// libpcap refuses a pcapng whose interfaces differ in link type; the failure then names the frame
/// before which the second one was met.
@safe package final class SavefileReader {
  package let name: String
  package let link: LinkType
  private let limits: CaptureLimits
  private let handle: OpaquePointer
  /// What the handle reads where that is no file; freed after it.
  private let memory: UnsafeMutableRawBufferPointer?
  private var count = 0
  private var octets = 0
  private var isDone = false

  /// - Parameter path: `-` is the standard input.
  package convenience init(
    _ path: String, limits: CaptureLimits = CaptureLimits()
  ) throws(CaptureFailure) {
    let opened = try unsafe PcapError.opening(path) { message in
      unsafe pcap_open_offline_with_tstamp_precision(
        path, UInt32(PCAP_TSTAMP_PRECISION_NANO), message)
    }
    unsafe self.init(opened, nil, name: path, limits)
  }

  package convenience init(
    _ octets: [UInt8], name: String, limits: CaptureLimits = CaptureLimits()
  ) throws(CaptureFailure) {
    // fmemopen refuses an empty buffer.
    guard !octets.isEmpty else { throw CaptureFailure(name, "it is empty") }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 1)
    unsafe memory.copyBytes(from: octets)
    guard let file = unsafe fmemopen(memory.baseAddress, memory.count, "r") else {
      unsafe memory.deallocate()
      throw CaptureFailure(name, "no memory to read it")
    }
    let opened: OpaquePointer
    do throws(CaptureFailure) {
      unsafe opened = try unsafe PcapError.opening(name) { message in
        unsafe pcap_fopen_offline_with_tstamp_precision(
          file, UInt32(PCAP_TSTAMP_PRECISION_NANO), message)
      }
    } catch {
      unsafe fclose(file)
      unsafe memory.deallocate()
      throw error
    }
    unsafe self.init(opened, memory, name: name, limits)
  }

  private init(
    _ handle: OpaquePointer, _ memory: UnsafeMutableRawBufferPointer?, name: String,
    _ limits: CaptureLimits
  ) {
    unsafe self.handle = handle
    unsafe self.memory = memory
    unsafe link = LinkType(of: handle)
    self.name = name
    self.limits = limits
  }

  deinit {
    unsafe pcap_close(handle)
    unsafe memory?.deallocate()
  }

  /// The next frame; nil at the end, and after a failure.
  package func next() throws(CaptureFailure) -> Frame? {
    guard !isDone else { return nil }
    do throws(CaptureFailure) {
      let frame = try read()
      isDone = frame == nil
      return frame
    } catch {
      isDone = true
      throw error
    }
  }

  private func read() throws(CaptureFailure) -> Frame? {
    var head: UnsafeMutablePointer<pcap_pkthdr>?
    var start: UnsafePointer<UInt8>?
    switch unsafe pcap_next_ex(handle, &head, &start) {
    case 1: break
    case PCAP_ERROR_BREAK: return nil
    default: throw unsafe failure(PcapError.last(of: handle))
    }
    guard let head = unsafe head, let start = unsafe start else { return nil }
    let length = unsafe Int(head.pointee.caplen)
    guard length <= limits.frameOctets else {
      throw failure("it has \(length) octets, and \(limits.frameOctets) are the most that we take")
    }
    guard count < limits.frames else {
      throw failure("the recording has more than \(limits.frames) packets")
    }
    guard length <= limits.octets - octets else {
      throw failure("the recording has more than \(limits.octets) octets of packets")
    }
    count += 1
    octets += length
    return unsafe Frame(number: count, link, head.pointee, start)
  }

  private func failure(_ reason: String) -> CaptureFailure {
    CaptureFailure(name, frame: count + 1, reason)
  }
}
