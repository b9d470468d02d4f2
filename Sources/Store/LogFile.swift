import Glibc

/// What can be told of a database's log before SQLite reads it.
///
/// SQLite takes a log up to the first frame that is not whole, and drops the rest without a word: right
/// after a power cut, which tears the commit that was under way. Those before it had been synced, so
/// when a later commit follows what is torn, it was the medium, and leases are lost. What two crashes
/// left one over the other may look the same; that is rare, and costs a while of probing.
enum LogFile {
  /// The layout is that of <https://sqlite.org/fileformat2.html#the_write_ahead_log>.
  private static let headerCount = 32
  private static let frameHeaderCount = 24

  static func isDamaged(_ path: String) -> Bool {
    guard !FilePlace.isNoFile(path) else { return false }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard let header = octets(headerCount, of: descriptor) else { return false }
    // Room that a file system had made, and was never written.
    guard !header.allSatisfy({ $0 == 0 }) else { return false }
    let pageSize = Int(word(header, 8))
    let isBigEndian = word(header, 0) & 1 == 1
    var sum = Sum(isBigEndian)
    sum.add(header[..<24])
    guard word(header, 0) | 1 == 0x377f_0683, (512...65_536).contains(pageSize),
      pageSize.nonzeroBitCount == 1, sum.isWritten(in: header, at: 24)
    else { return true }
    var isTorn = false
    var isCommitted = false
    while let frame = octets(frameHeaderCount + pageSize, of: descriptor) {
      // Others are of an earlier use of the file.
      let isOurs = frame[8..<16] == header[16..<24]
      sum.add(frame[..<8])
      sum.add(frame[frameHeaderCount...])
      if !isOurs || !sum.isWritten(in: frame, at: 16) { isTorn = true }
      guard isTorn, isOurs else { continue }
      if isCommitted { return true }
      // The size of the database after it; only a commit's last frame has one.
      isCommitted = word(frame, 4) != 0
    }
    return false
  }

  /// Nil when there are fewer.
  private static func octets(_ count: Int, of descriptor: Int32) -> [UInt8]? {
    var octets = [UInt8](repeating: 0, count: count)
    return unsafe read(descriptor, &octets, count) == count ? octets : nil
  }

  private static func word(_ octets: [UInt8], _ offset: Int) -> UInt32 {
    octets[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A checksum over all frames so far.
  private struct Sum {
    private let isBigEndian: Bool
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    init(_ isBigEndian: Bool) { self.isBigEndian = isBigEndian }

    mutating func add(_ octets: ArraySlice<UInt8>) {
      var offset = octets.startIndex
      while offset + 8 <= octets.endIndex {
        first = first &+ word(octets, offset) &+ second
        second = second &+ word(octets, offset + 4) &+ first
        offset += 8
      }
    }

    private func word(_ octets: ArraySlice<UInt8>, _ offset: Int) -> UInt32 {
      let word =
        UInt32(octets[offset]) | UInt32(octets[offset + 1]) << 8
        | UInt32(octets[offset + 2]) << 16 | UInt32(octets[offset + 3]) << 24
      return isBigEndian ? word.byteSwapped : word
    }

    func isWritten(in octets: [UInt8], at offset: Int) -> Bool {
      LogFile.word(octets, offset) == first && LogFile.word(octets, offset + 4) == second
    }
  }
}
