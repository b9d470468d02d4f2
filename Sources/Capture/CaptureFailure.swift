/// Why a recording could not be read to its end, written to it, or made at all.
package struct CaptureFailure: Error, Hashable, Sendable {
  /// The file or the interface.
  package let name: String
  /// The frame that could not be read, counted from 1; nil where it is about the whole.
  package let frame: Int?
  /// libpcap's words, or ours.
  package let reason: String

  package init(_ name: String, frame: Int? = nil, _ reason: String) {
    self.name = name
    self.frame = frame
    // libpcap names the file in some of its sentences and not in others.
    self.reason = reason.hasPrefix(name + ": ") ? String(reason.dropFirst(name.count + 2)) : reason
  }
}

extension CaptureFailure: CustomStringConvertible {
  package var description: String {
    guard let frame else { return "\(name): \(reason)" }
    return "\(name): packet \(frame): \(reason)"
  }
}
