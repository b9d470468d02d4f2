import Boot
import Bytes
import Wire

/// A TFTP packet of ours in words.
enum TFTPText {
  static func answer(_ payload: [UInt8]) -> String {
    switch try? TFTPPacket(checking: payload.rawSpan) {
    case .optionAcknowledgement(let options)?:
      "OACK" + Playback.options(TFTPOptionValues(options))
    case .data(let block, let bytes)?: "DATA \(block), \(bytes.byteCount) bytes"
    case .error(1, _)?: "there is no such file"
    case .error(let code, let message)?: "ERROR \(code) \(Escaped(message.octets()))"
    case .readRequest?, .writeRequest?, .acknowledgement?, nil: "no answer that a client knows"
    }
  }
}
