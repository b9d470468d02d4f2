import Glibc
import Network

/// The time that people go by: for files and logs only, and whether a certificate holds.
package enum WallClock {
  package static func read() -> UnixTime {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
