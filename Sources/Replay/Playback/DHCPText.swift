import Boot
import Bytes
import Network
import Wire

/// DHCP messages and options in words, for transcripts and verdicts.
package enum DHCPText {
  /// `DISCOVER xid=3b1c94e2 arm64-efi pxe`.
  static func question(_ question: RecordedQuestion) -> String {
    let header = question.meaning.header
    var text = "\(name(question.type)) xid=\(hexadecimal(header.transactionID))"
    if let firmware = question.firmware { text += " \(firmware)" }
    if question.isToBootServer { text += " port=4011" }
    if let address = question.meaning.address(DHCPOption.requestedAddress) {
      text += " address=\(address)"
    }
    if header.clientAddress != .unspecified { text += " ciaddr=\(header.clientAddress)" }
    if let server = question.chosenServer { text += " server=\(server)" }
    if header.relayAddress != .unspecified { text += " relay=\(header.relayAddress)" }
    return text
  }

  /// `OFFER 10.0.0.10 next=10.0.0.1 file=ipxe-arm64.efi`.
  static func reply(_ type: DHCPMessageType, _ meaning: DHCPMeaning) -> String {
    let header = meaning.header
    var text = name(type)
    if header.yourAddress != .unspecified { text += " \(header.yourAddress)" }
    if let server = meaning.address(DHCPOption.serverIdentifier) { text += " server=\(server)" }
    if header.serverAddress != .unspecified { text += " next=\(header.serverAddress)" }
    if !meaning.bootFileName.isEmpty { text += " file=\(Escaped(meaning.bootFileName))" }
    return text
  }

  package static func name(_ type: DHCPMessageType) -> String {
    switch type {
    case .discover: "DISCOVER"
    case .offer: "OFFER"
    case .request: "REQUEST"
    case .decline: "DECLINE"
    case .ack: "ACK"
    case .nak: "NAK"
    case .release: "RELEASE"
    case .inform: "INFORM"
    }
  }

  package static func option(_ code: UInt8) -> String {
    guard let name = names[code] else { return "option \(code)" }
    return "option \(code) (\(name))"
  }

  private static let names: [UInt8: String] = [
    1: "subnet mask", 3: "router", 6: "DNS servers", 12: "host name", 15: "domain name",
    28: "broadcast address", 42: "NTP servers", 43: "vendor options", 51: "lease time",
    53: "message type",
    54: "server identifier", 56: "message", 58: "renewal time", 59: "rebinding time",
    60: "vendor class", 61: "client identifier", 66: "TFTP server", 67: "boot file",
    82: "relay agent", 97: "client UUID", 119: "domain search", 175: "iPXE",
    209: "PXELINUX configuration", 210: "PXELINUX path", 211: "PXELINUX reboot time",
  ]

  /// The value as a person reads it: addresses, numbers and texts where the code says so.
  package static func value(_ code: UInt8, _ octets: [UInt8]) -> String {
    switch code {
    case let code where addresses.contains(code) && octets.count % 4 == 0 && !octets.isEmpty:
      return stride(from: 0, to: octets.count, by: 4).map {
        IPv4Address(octets[$0], octets[$0 + 1], octets[$0 + 2], octets[$0 + 3]).description
      }.joined(separator: ",")
    case let code where seconds.contains(code) && octets.count == 4:
      return "\(octets.reduce(0) { $0 << 8 | UInt32($1) }) s"
    case 12, 15, 56, 60, 66, 67, 209, 210:
      return Escaped(String(decoding: octets, as: UTF8.self)).description
    default: return Hexadecimal.text(octets)
    }
  }

  private static let addresses: Set<UInt8> = [1, 3, 6, 28, 42, 50, 54]
  private static let seconds: Set<UInt8> = [51, 58, 59]

  private static func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }

  /// What ours says otherwise than the recorded server's, option by option. What only names the
  /// server or the machine is none: those are mapped.
  ///
  /// - Parameter question: What we only send back of it is no difference either.
  static func differences(
    recorded: DHCPMeaning, ours: DHCPMeaning, question: DHCPMeaning,
    isSame: (_ there: [UInt8], _ here: [UInt8]) -> Bool
  ) -> [String] {
    var codes: [UInt8] = recorded.options.map(\.code)
    for option in ours.options where !codes.contains(option.code) { codes.append(option.code) }
    var differences: [String] = []
    for code in codes.sorted() where !mapped.contains(code) {
      switch (recorded[code], ours[code]) {
      case (let there?, let here?) where !isEqual(there, here) && !isSame(there, here):
        differences.append("\(option(code)): \(value(code, here)), recorded \(value(code, there))")
      case (nil, let here?) where here == question[code]: break
      case (nil, let here?):
        differences.append("\(option(code)): \(value(code, here)), recorded none")
      case (let there?, nil):
        differences.append("\(option(code)): none, recorded \(value(code, there))")
      case _: break
      }
    }
    let files = (Array(recorded.bootFileName.utf8), Array(ours.bootFileName.utf8))
    if files.0 != files.1, !isSame(files.0, files.1) {
      differences.append("boot file: \(text(files.1)), recorded \(text(files.0))")
    }
    let next = (recorded.header.serverAddress, ours.header.serverAddress)
    if (next.0 == .unspecified) != (next.1 == .unspecified) {
      differences.append("siaddr: \(next.1), recorded \(next.0)")
    }
    return differences
  }

  /// Option 67 and the field `file` are one thing to a client: the boot file, below.
  private static let mapped: Set<UInt8> = [50, 53, 54, 67]

  /// Texts with and without a NUL at their end are the same to those who end them so.
  private static func isEqual(_ there: [UInt8], _ here: [UInt8]) -> Bool {
    there == here || there == here + [0] || there + [0] == here
  }

  private static func text(_ octets: [UInt8]) -> String {
    octets.isEmpty ? "none" : Escaped(String(decoding: octets, as: UTF8.self)).description
  }
}
