import Bytes
import EventLoop
import Glibc
import Wire

/// Writes a classic pcap file with nanoseconds, which every tool reads: pcap-savefile(5).
@safe package final class SavefileWriter {
  package let path: String
  /// How large the file is, in octets.
  package private(set) var size = 0
  package private(set) var frames = 0
  private let limit: Int
  private let descriptor: Int32
  private var pending: ByteWriter

  private static let fileHead = 24
  private static let frameHead = 16
  /// What is gathered before it is written.
  private static let gathered = 1 << 16

  /// Makes the file, which only its owner may read: a recording holds what others sent.
  ///
  /// - Parameter limit: The largest that the file may get, in octets.
  /// - Throws: EEXIST where there is something of that name: nothing is ever written over.
  package init(
    _ path: String, _ link: LinkType, limit: Int
  ) throws(SystemError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError(call: "open", errno: errno, path: path) }
    self.path = path
    self.limit = limit
    self.descriptor = descriptor
    pending = Self.head(link)
    size = pending.count
  }

  deinit { close(descriptor) }

  /// Adds a frame; false, and nothing of it is written, where the file would get too large.
  package func write(_ frame: Frame) throws(SystemError) -> Bool {
    let length = Self.frameHead + frame.octets.count
    guard length <= limit - size else { return false }
    Self.write(frame, into: &pending)
    size += length
    frames += 1
    if pending.count >= Self.gathered { try flush() }
    return true
  }

  /// Hands everything to the kernel, so that others see it.
  package func flush() throws(SystemError) {
    let octets = pending.bytes
    pending.clear()
    var done = 0
    while done < octets.count {
      let count = unsafe octets.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), octets.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError(call: "write", errno: errno, path: path) }
      done += count
    }
  }

  /// Hands everything to the disk: what is written then survives a crash.
  package func finish() throws(SystemError) {
    try flush()
    guard fsync(descriptor) == 0 else {
      throw SystemError(call: "fsync", errno: errno, path: path)
    }
  }

  /// The whole file as octets, without a file.
  package static func octets(_ frames: [Frame], _ link: LinkType = .ethernet) -> [UInt8] {
    var writer = head(link)
    for frame in frames { write(frame, into: &writer) }
    return writer.bytes
  }

  /// The magic number of nanoseconds, version 2.4, the longest frame; big-endian on any machine.
  private static func head(_ link: LinkType) -> ByteWriter {
    var writer = ByteWriter(reserving: gathered + fileHead)
    writer.write(UInt32(0xa1b2_3c4d))
    writer.write(UInt16(2))
    writer.write(UInt16(4))
    writer.write(repeating: 0, count: 8)
    writer.write(UInt32(262_144))
    writer.write(link.number)
    return writer
  }

  private static func write(_ frame: Frame, into writer: inout ByteWriter) {
    // 32 bits of seconds: 1970 to 2106, and the nearest of that for any other time.
    let time = UInt64(clamping: frame.time)
    writer.write(UInt32(clamping: time / 1_000_000_000))
    writer.write(UInt32(time % 1_000_000_000))
    writer.write(UInt32(clamping: frame.octets.count))
    writer.write(UInt32(clamping: frame.originalCount))
    writer.write(frame.octets)
  }
}
