import CLinux
import Glibc

/// Tells systemd how we are, by the datagrams of sd_notify(3). Without NOTIFY_SOCKET it is silent.
package struct Notification: Sendable {
  /// How often to call `alive`: half of what the unit's WatchdogSec allows. Nil: no watchdog.
  package let watchdogInterval: Duration?
  private let address: [CChar]

  /// From this process's environment, by `getenv`.
  package init() {
    func variable(_ name: String) -> String? {
      unsafe getenv(name).map { unsafe String(cString: $0) }
    }
    self.init(
      socket: variable("NOTIFY_SOCKET"), watchdog: variable("WATCHDOG_USEC"),
      watchdogProcess: variable("WATCHDOG_PID"), process: getpid())
  }

  package init(
    socket: String?, watchdog: String?, watchdogProcess: String?, process: Int32
  ) {
    var name = (socket ?? "").utf8.map { CChar(bitPattern: $0) }
    // A name that begins with @ is in the abstract namespace, where a zero stands for it.
    if name.first == CChar(bitPattern: UInt8(ascii: "@")) { name[0] = 0 }
    address = name
    let isOurs = watchdogProcess == nil || watchdogProcess == String(process)
    if isOurs, let watchdog, let limit = Int64(watchdog), limit > 1 {
      watchdogInterval = .microseconds(limit / 2)
    } else {
      watchdogInterval = nil
    }
  }

  package func ready(_ status: String) { send("READY=1\nSTATUS=\(Self.oneLine(status))") }

  /// `ready` must follow when the reload is done.
  package func reloading() { send("RELOADING=1\nMONOTONIC_USEC=\(cl_clock(0) / 1_000)") }

  package func stopping() { send("STOPPING=1") }

  package func alive() { send("WATCHDOG=1") }

  package func status(_ text: String) { send("STATUS=\(Self.oneLine(text))") }

  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }

  /// A manager that does not listen is no reason to fail.
  private func send(_ text: String) {
    guard !address.isEmpty else { return }
    let descriptor = cl_unix_socket(1)
    guard descriptor >= 0 else { return }
    let bytes = Array(text.utf8)
    unsafe bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      _ = unsafe cl_send_unix(descriptor, start, buffer.count, address, address.count)
    }
    Glibc.close(descriptor)
  }
}
