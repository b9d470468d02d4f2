import CPcap
import Wire

extension Frame {
  /// Copies what libpcap lends until its next call. The handle counts nanoseconds.
  init(
    number: Int, _ link: LinkType, _ head: pcap_pkthdr, _ start: UnsafePointer<UInt8>
  ) {
    let octets = unsafe Array(UnsafeBufferPointer(start: start, count: Int(head.caplen)))
    self.init(
      number: number, time: Self.nanoseconds(head.ts.tv_sec, head.ts.tv_usec), link: link,
      originalCount: max(Int(head.len), octets.count), octets: octets)
  }

  /// libpcap reads a classic file's 32 bits of seconds as a signed number, which the format says
  /// they are not: they last until 2106. A time that 64 bits cannot hold is the last that they can.
  static func nanoseconds(_ seconds: Int, _ fraction: Int) -> Int64 {
    let isWrapped = seconds < 0 && seconds >= Int(Int32.min)
    let whole = Int64(isWrapped ? seconds + 1 << 32 : seconds)
    let (product, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carry) = product.addingReportingOverflow(Int64(fraction))
    return overflow || carry ? .max : sum
  }
}
