import CLinux

/// What the kernel holds of a stream's output. It reports room only when a third of its buffer is
/// free, which takes a slow line minutes; whether a reader takes anything is seen here.
struct StreamProgress {
  private var held: Int32 = 0

  mutating func begin(_ descriptor: Int32) { held = cl_unacknowledged(descriptor) }

  /// Whether the reader has taken something since this was last looked at.
  mutating func hasMoved(_ descriptor: Int32) -> Bool {
    let left = cl_unacknowledged(descriptor)
    defer { held = left }
    return left >= 0 && left < held
  }
}
