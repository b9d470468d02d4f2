import Glibc

/// This machine's own name, without its domain.
package enum HostName {
  package static func current() throws(SystemError) -> String {
    var name = [CChar](repeating: 0, count: 256)
    let result = unsafe gethostname(&name, name.count - 1)
    guard result == 0 else { throw SystemError(call: "gethostname", errno: Glibc.errno) }
    let octets = name.prefix { $0 != 0 && $0 != CChar(0x2e) }.map { UInt8(bitPattern: $0) }
    return String(decoding: octets, as: UTF8.self)
  }
}
