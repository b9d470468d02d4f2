import Bytes
import Network

/// Writes a DHCP message: the header, then options while they fit, then the end.
package struct DHCPWriter {
  private let start: Int
  /// Options end here at the latest; END itself is reserved beyond it.
  private let end: Int

  /// RFC 951: some relays and old clients drop shorter messages.
  package static let minimumCount = 300

  /// - Parameters:
  ///   - file: The boot file's name; left out when it does not fit its 128 bytes with a NUL.
  ///   - limit: The most bytes that the client takes as one UDP payload, `reserve` of them being
  ///     kept for what the caller appends at the end.
  package init(
    _ header: DHCPHeader, file: String = "", limit: Int, reserve: Int = 0,
    into writer: inout ByteWriter
  ) {
    start = writer.count
    end = start + limit - 1 - reserve
    writer.write(header.isRequest ? 1 as UInt8 : 2)
    writer.write(header.hardwareAddress.type)
    writer.write(header.hardwareAddress.length)
    writer.write(header.hops)
    writer.write(header.transactionID)
    writer.write(header.secondsElapsed)
    writer.write(header.flags)
    writer.write(header.clientAddress.number)
    writer.write(header.yourAddress.number)
    writer.write(header.serverAddress.number)
    writer.write(header.relayAddress.number)
    writer.write(header.hardwareAddress.high)
    writer.write(header.hardwareAddress.low)
    writer.write(count: 64)
    let count = file.utf8.count < 128 ? file.utf8.count : 0
    if count > 0 { writer.write(file) }
    writer.write(count: 128 - count)
    writer.write(0x6382_5363 as UInt32)
  }

  /// Writes the option unless it does not fit; values longer than 255 bytes go in parts (RFC 3396).
  package func option(_ code: UInt8, _ value: RawSpan, into writer: inout ByteWriter) {
    guard hasRoom(for: value.byteCount, in: writer) else { return }
    append(code, value, into: &writer)
  }

  package func option(_ code: UInt8, _ value: [UInt8], into writer: inout ByteWriter) {
    option(code, value.rawSpan, into: &writer)
  }

  /// Text without an end mark: firmware that reads past its length is stopped by the code of the
  /// option that follows.
  package func option(_ code: UInt8, _ text: String, into writer: inout ByteWriter) {
    let count = text.utf8.count
    guard count <= 255, hasRoom(for: count, in: writer) else { return }
    writer.write(code)
    writer.write(UInt8(count))
    writer.write(text)
  }

  package func option(_ code: UInt8, number: UInt8, into writer: inout ByteWriter) {
    guard hasRoom(for: 1, in: writer) else { return }
    writer.write(code)
    writer.write(1 as UInt8)
    writer.write(number)
  }

  package func option(_ code: UInt8, number: UInt32, into writer: inout ByteWriter) {
    guard hasRoom(for: 4, in: writer) else { return }
    writer.write(code)
    writer.write(4 as UInt8)
    writer.write(number)
  }

  package func option(_ code: UInt8, address: IPv4Address, into writer: inout ByteWriter) {
    option(code, number: address.number, into: &writer)
  }

  /// A list of addresses, at most 63; none is no option.
  package func option(
    _ code: UInt8, addresses: [IPv4Address], into writer: inout ByteWriter
  ) {
    let count = 4 * addresses.count
    guard count > 0, count <= 252, hasRoom(for: count, in: writer) else { return }
    writer.write(code)
    writer.write(UInt8(count))
    for address in addresses { writer.write(address.number) }
  }

  /// Writes the option that `reserve` kept room for.
  package func reservedOption(_ code: UInt8, _ value: RawSpan, into writer: inout ByteWriter) {
    append(code, value, into: &writer)
  }

  /// Writes END and pads to 300 bytes. The pads come after END: before 2020 the Raspberry Pi 4
  /// ignored a reply with pads among its options.
  package func finish(into writer: inout ByteWriter) {
    writer.write(DHCPOption.end)
    writer.write(count: Self.minimumCount - (writer.count - start))
  }

  private func hasRoom(for count: Int, in writer: ByteWriter) -> Bool {
    writer.count + count + 2 * max(1, (count + 254) / 255) <= end
  }

  private func append(_ code: UInt8, _ value: RawSpan, into writer: inout ByteWriter) {
    var offset = 0
    repeat {
      let count = min(255, value.byteCount - offset)
      writer.write(code)
      writer.write(UInt8(count))
      writer.write(value.extracting(offset..<offset + count))
      offset += count
    } while offset < value.byteCount
  }
}
