import Boot
import Network

/// Where a recorded boot came to its end: the first file that the machine was refused, or did not take,
/// with no whole one behind it.
struct RecordedStop: Sendable {
  /// The frame that asked for it.
  let frame: Int
  let observation: Observation

  init?(_ machine: RecordedMachine) {
    guard machine.firmware != nil else { return nil }
    var found: [Observation] = []
    for step in machine.steps {
      switch step {
      case .transfer(let transfer): Self.take(transfer, &found)
      case .exchange(let exchange, _): Self.take(exchange, &found)
      case .question, .query: break
      }
    }
    guard let first = found.first else { return nil }
    let others = found.count == 1 ? "" : ", nor did \(found.count - 1) others come,"
    frame = first.frame
    observation = Observation(
      .failure, at: first.step, frame: first.frame, time: first.time,
      "\(first.text) in the recording\(others) and nothing followed")
  }

  private static func take(_ transfer: RecordedTransfer, _ found: inout [Observation]) {
    let name = "\(Escaped(String(decoding: transfer.name, as: UTF8.self)))"
    let text: String
    switch transfer.ending {
    case .completed:
      found = []
      return
    case .probed, .unanswered, .cut: return
    // U-Boot looks for a device tree where distributions have theirs, and boots without.
    case .refused where name.hasPrefix("dtb/"): return
    case .refused(let code): text = "\(name) was refused with ERROR \(code)"
    case .aborted(let code): text = "\(name) was broken off by the machine with ERROR \(code)"
    }
    found.append(
      Observation(
        .failure, at: Playback.step(of: name), frame: transfer.request.frame,
        time: transfer.request.time, text))
  }

  private static func take(_ exchange: RecordedExchange, _ found: inout [Observation]) {
    guard exchange.method == "GET", let response = exchange.response else { return }
    guard response.status >= 400 else {
      found = []
      return
    }
    found.append(
      Observation(
        .failure, at: Playback.step(of: exchange.target), frame: exchange.frame,
        time: exchange.time, "GET \(Escaped(exchange.target)): \(response.status)"))
  }
}
