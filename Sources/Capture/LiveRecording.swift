import EventLoop

/// Records an interface on a loop until it is told to end, or cannot go on.
package final class LiveRecording {
  /// Why it ended before it was told to; what was recorded until then is kept.
  package private(set) var failure: String?
  private let loop: EventLoop
  private let capture: LiveCapture
  private let recorder: Recorder
  /// Looks at the kernel's frames before it ends; nil until it is told to. Two, for the next may come
  /// at once, and what the kernel gathers then would be lost.
  private var looksLeft: Int?

  /// How often the kernel's last block is asked for, and files are brought up to date.
  private static let interval = Duration.milliseconds(250)
  /// How many frames are taken before the loop has its turn again.
  private static let batch = 4096

  package init(loop: EventLoop, _ capture: LiveCapture, _ recorder: Recorder) {
    self.loop = loop
    self.capture = capture
    self.recorder = recorder
  }

  package func start() {
    let capture = capture
    loop.watch(capture.descriptor) { [self] _ in
      work { try take(atMost: Self.batch) }
    } onCancel: {
      // The descriptor is libpcap's, and stays open while something waits for it.
      withExtendedLifetime(capture) {}
    }
    loop.every(Self.interval) { [self] in
      work {
        try take(atMost: .max)
        try recorder.flush()
      }
      looksLeft = looksLeft.map { $0 - 1 }
      if looksLeft == 0 { loop.stop() }
    }
  }

  /// Ends it a moment later; at once when it is told again.
  package func end() {
    if looksLeft != nil { loop.stop() }
    looksLeft = 2
  }

  private func take(atMost count: Int) throws {
    var taken = 0
    while taken < count, let frame = try capture.next() {
      try recorder.take(frame)
      taken += 1
    }
  }

  private func work(_ body: () throws -> Void) {
    guard failure == nil else { return }
    do { try body() } catch {
      failure = "\(error)"
      loop.stop()
    }
  }
}
