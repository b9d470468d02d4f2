import Bytes
import Network

/// All that a DHCP message says, as values that can be compared and written again.
package struct DHCPMeaning: Hashable, Sendable {
  package var header: DHCPHeader
  package var file: [UInt8]
  /// Codes in the order of their first occurrence, parts joined (RFC 3396); without option 52,
  /// which says only where the others stand.
  package var options: [Option]

  package struct Option: Hashable, Sendable {
    package let code: UInt8
    package let value: [UInt8]

    package init(code: UInt8, value: [UInt8]) {
      self.code = code
      self.value = value
    }
  }

  package init(_ message: borrowing DHCPMessage) throws(Malformed) {
    header = DHCPHeader(hardwareAddress: message.hardwareAddress)
    header.isRequest = message.isRequest
    header.hops = message.hops
    header.transactionID = message.transactionID
    header.secondsElapsed = message.secondsElapsed
    header.flags = message.flags
    header.clientAddress = message.clientAddress
    header.yourAddress = message.yourAddress
    header.serverAddress = message.serverAddress
    header.relayAddress = message.relayAddress
    file = message.file.octets()
    options = []
    var walk = message.options
    while let option = try walk.next() {
      guard option.code != DHCPOption.overload,
        !options.contains(where: { $0.code == option.code })
      else { continue }
      let value = try message.withValue(of: option.code) {
        value throws(Malformed) -> [UInt8]? in value.octets()
      }
      options.append(Option(code: option.code, value: value ?? []))
    }
  }

  /// The value of option `code`; nil when it is absent.
  package subscript(code: UInt8) -> [UInt8]? { options.first { $0.code == code }?.value }

  /// The message written anew, without overload.
  package func encoded() -> [UInt8] {
    var output = ByteWriter()
    let writer = DHCPWriter(
      header, file: String(decoding: file, as: UTF8.self), limit: 65_535, into: &output)
    for option in options { writer.option(option.code, option.value, into: &output) }
    writer.finish(into: &output)
    return output.bytes
  }

  /// Reads everything that a server could read of a message, and says how much there was.
  ///
  /// - Throws: What the decoder or an accessor throws; the rest is then not read.
  package static func readAll(_ octets: [UInt8]) throws(Malformed) -> Int {
    let message = try DHCPMessage(checking: octets.rawSpan)
    let meaning = try DHCPMeaning(message)
    var count = meaning.options.count + meaning.file.count + message.serverName.byteCount
    if message.leaseTime != nil || message.maximumMessageSize != nil { count += 1 }
    for (code, form) in [(43, SubOptions.Form.padded), (82, .plain), (175, .padded)] {
      count += try subOptions(meaning[UInt8(code)] ?? [], form)
    }
    if try message.hasUserClass("iPXE") { count += 1 }
    if try message.vendorClassBegins(with: "PXEClient") { count += 1 }
    if try message.asks(for: 67) { count += 1 }
    if try message.type != nil { count += 1 }
    if try message.requestedAddress != nil { count += 1 }
    if try message.serverIdentifier != nil { count += 1 }
    if try message.clientArchitecture != nil { count += 1 }
    if try message.clientUUID != nil { count += 1 }
    return count
  }

  /// How many bytes the values of all sub-options have.
  package static func subOptions(
    _ octets: [UInt8], _ form: SubOptions.Form
  ) throws(Malformed) -> Int {
    let bytes = octets.rawSpan
    var walk = SubOptions(bytes, form)
    var count = 0
    while let option = try walk.next() {
      let found = try SubOptions.value(of: option.code, in: bytes, form)
      count += found?.byteCount ?? 0
      count += bytes.extracting(option.start..<option.start + option.count).byteCount
    }
    return count
  }
}
