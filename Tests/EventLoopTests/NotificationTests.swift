import EventLoop
import Glibc
import Testing

extension RealSockets {
  @Suite struct Notifications {
    @Test(arguments: [false, true])
    func systemdIsTold(_ isAbstract: Bool) throws {
      let folder = TemporaryFolder()
      let path = isAbstract ? "@\(folder.path)" : "\(folder.path)/notify"
      let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      defer { close(receiver) }
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) {
        $0.copyBytes(from: path.utf8)
        if isAbstract { $0[0] = 0 }
      }
      let bound = withUnsafePointer(to: &name) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(receiver, $0, socklen_t(2 + path.utf8.count + (isAbstract ? 0 : 1)))
        }
      }
      #expect(bound == 0)
      let notification = Notification(
        socket: path, watchdog: "4000000", watchdogProcess: nil, process: 7)
      #expect(notification.watchdogInterval == .seconds(2))
      func next() -> String {
        var bytes = [UInt8](repeating: 0, count: 500)
        let count = recv(receiver, &bytes, 500, Int32(MSG_DONTWAIT))
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      }
      notification.ready("two\nlines")
      #expect(next() == "READY=1\nSTATUS=two lines")
      notification.reloading()
      #expect(next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
      notification.alive()
      #expect(next() == "WATCHDOG=1")
      notification.stopping()
      #expect(next() == "STOPPING=1")
    }

    @Test func withoutAManagerItIsSilent() {
      let notification = Notification(
        socket: nil, watchdog: "4000000", watchdogProcess: "8", process: 7)
      notification.ready("")
      #expect(notification.watchdogInterval == nil)
      Notification(socket: "/nonexistent/x", watchdog: "x", watchdogProcess: nil, process: 7)
        .alive()
    }
  }
}
