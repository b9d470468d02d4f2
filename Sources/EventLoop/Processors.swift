import Dispatch

/// The processors of this box, for commands that have much to compute.
package enum Processors {
  /// Calls `work` with each number below `count`, as many at once as there are processors; returns
  /// when all are done. In no order.
  package static func each(_ count: Int, _ work: @Sendable (Int) -> Void) {
    guard count > 0 else { return }
    DispatchQueue.concurrentPerform(iterations: count, execute: work)
  }
}
