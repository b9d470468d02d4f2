import Appliance
import Capture
import Network
import Replay

/// `CAPTURE:N`: a packet of a recording, as Wireshark counts.
struct RecordedPacket {
  let path: String
  let number: Int

  /// nil: it names no packet. A hardware address ends in a number too.
  init?(_ text: String) {
    guard MACAddress(text) == nil, let colon = text.lastIndex(of: ":"), colon > text.startIndex,
      let number = Int(text[text.index(after: colon)...]), number > 0
    else { return nil }
    path = String(text[..<colon])
    self.number = number
  }

  func explanation(config: String?) throws -> Explanation {
    let (file, recording) = try ElidedSavefile.read(path)
    var setting = Playback.Setting.recorded
    if let config {
      setting = .configured(try World.load(config, addresses: recording.serverAddresses))
    }
    var playback = Playback(recording, in: setting, watching: [number])
    if let explanation = playback.explanations()[number] { return explanation }
    guard number <= file.frames.count else {
      throw Refusal("\(path) has \(file.frames.count) packets")
    }
    guard !playback.explainable.contains(number) else {
      throw Refusal(
        "packet \(number) of \(path) is not played: the boot has left the recording before it, or"
          + " says the same for the hundredth time; bootwire replay --transcript shows where")
    }
    throw Refusal(
      "packet \(number) of \(path) asks nothing of a boot server;" + Self.nearest(number, playback))
  }

  private static func nearest(_ number: Int, _ playback: Playback) -> String {
    let nearest = playback.explainable.sorted { abs($0 - number) < abs($1 - number) }
    let near = nearest.prefix(8).sorted()
    guard !near.isEmpty else { return " nor does any other" }
    return " packets near it that do: " + near.map(String.init).joined(separator: ", ")
  }
}
