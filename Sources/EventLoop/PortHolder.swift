import CLinux
import Glibc
import Network

/// Who has a port that we wanted, for the message that says so.
package struct PortHolder: Hashable, Sendable {
  package var process: Int32
  package var program: String
  /// Its arguments as they were given, each behind a blank: programs of one name serve many.
  package var arguments = ""

  package init(process: Int32, program: String, arguments: String = "") {
    self.process = process
    self.program = program
    self.arguments = arguments
  }

  /// The transport whose port is meant.
  package enum Transport: String, Sendable {
    case udp, tcp
  }

  /// Looks through /proc, so for the unhappy case only. Empty when nobody has it, or when other
  /// users' processes are hidden from us.
  package static func find(_ transport: Transport, port: UInt16) -> [PortHolder] {
    var sockets: Set<String> = []
    // An IPv6 socket can hold the IPv4 port too.
    for table in [transport.rawValue, transport.rawValue + "6"] {
      for line in contents(of: "/proc/net/\(table)").split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count > 9, let colon = fields[1].lastIndex(of: ":"),
          UInt16(fields[1][fields[1].index(after: colon)...], radix: 16) == port
        else { continue }
        // Of TCP only who listens (0A): connections have the port as well.
        if transport == .tcp, fields[3] != "0A" { continue }
        sockets.insert("socket:[\(fields[9])]")
      }
    }
    guard !sockets.isEmpty else { return [] }
    return names(in: "/proc").compactMap { Int32($0) }.sorted().compactMap { process in
      let folder = "/proc/\(process)/fd"
      let holds = names(in: folder).contains { sockets.contains(link("\(folder)/\($0)")) }
      guard holds else { return nil }
      let program = contents(of: "/proc/\(process)/comm").split(separator: "\n").first
      let arguments = contents(of: "/proc/\(process)/cmdline").split(separator: "\0").dropFirst()
      return PortHolder(
        process: process, program: program.map(String.init) ?? "?",
        arguments: arguments.map { " \($0)" }.joined())
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let directory = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }

  private static func link(_ path: String) -> String {
    var target = [UInt8](repeating: 0, count: 256)
    let count = unsafe target.withUnsafeMutableBytes { room in
      guard let start = room.baseAddress else { return 0 }
      return unsafe readlink(path, start.assumingMemoryBound(to: CChar.self), room.count)
    }
    return String(decoding: target.prefix(max(0, count)), as: UTF8.self)
  }

  private static func contents(of path: String) -> String {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { Glibc.close(descriptor) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while text.count < 16 << 20 {
      let count = unsafe piece.withUnsafeMutableBytes { room in
        unsafe Glibc.read(descriptor, room.baseAddress, room.count)
      }
      guard count > 0 else { break }
      text += piece.prefix(count)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension PortHolder: CustomStringConvertible {
  package var description: String { "\(program) (process \(process))" }
}
