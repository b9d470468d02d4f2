import Bytes

/// A legacy uImage that holds a script: U-Boot's `boot.scr.uimg` (U-Boot, `include/image.h`).
package enum LegacyImage {
  package static let headerCount = 64
  private static let magic: UInt32 = 0x2705_1956
  private static let linux: UInt8 = 5
  /// The architecture of the header; of a script U-Boot does not check it.
  private static let arm64: UInt8 = 22
  private static let script: UInt8 = 6
  private static let uncompressed: UInt8 = 0
  private static let nameCount = 32

  /// Encodes `text` as `mkimage -A arm64 -O linux -T script -C none` does. The time is left 0, so
  /// that the same text gives the same bytes.
  ///
  /// - Parameter name: Cut to 32 bytes.
  package static func script(_ text: [UInt8], name: String, into writer: inout ByteWriter) {
    var body = ByteWriter(reserving: text.count + 8)
    // A list of lengths, ended by 0.
    body.write(UInt32(clamping: text.count))
    body.write(0 as UInt32)
    body.write(text)
    var header = ByteWriter(reserving: headerCount)
    header.write(magic)
    header.write(0 as UInt32)
    header.write(0 as UInt32)  // time
    header.write(UInt32(clamping: body.count))
    header.write(0 as UInt64)  // load address, entry point
    header.write(CRC32(of: body.bytes).value)
    header.write([linux, arm64, script, uncompressed])
    let name = name.utf8.prefix(nameCount)
    header.write(name)
    header.write(repeating: 0, count: nameCount - name.count)
    // The header's checksum counts its own field as 0.
    var checksum = ByteWriter()
    checksum.write(CRC32(of: header.bytes).value)
    for (index, octet) in checksum.bytes.enumerated() { header.replace(octet, at: 4 + index) }
    writer.write(header.bytes)
    writer.write(body.bytes)
  }
}
