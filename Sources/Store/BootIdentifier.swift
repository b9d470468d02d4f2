import Glibc

extension ClockReading {
  /// The kernel's name for this run of the machine; empty where there is none.
  package static func bootIdentifier() -> String {
    let descriptor = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var octets = [UInt8](repeating: 0, count: 36)
    let count = unsafe read(descriptor, &octets, octets.count)
    return count == octets.count ? String(decoding: octets, as: UTF8.self) : ""
  }
}
