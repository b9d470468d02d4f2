/// How one program asks for a file by TFTP: its options in their order, and its patience.
struct TFTPDialect: Hashable, Sendable {
  enum Option: Hashable, Sendable {
    case blockSize(UInt64)
    case transferSize
    case timeout(UInt8)
    case windowSize(UInt16)
  }

  let options: [Option]
  /// ERROR after an OACK that told the size, then a second request without `tsize`; nil: the
  /// transfer goes on.
  var probeError: UInt16?
  /// Whether a slash stands before every name.
  var hasSlash = false
  /// How long each attempt waits before the packet is sent again.
  var patience: [Duration]

  static let ipxe = TFTPDialect(
    options: [.blockSize(1432), .transferSize],
    patience: [
      .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8),
    ])
  static let pxelinux = TFTPDialect(
    options: [.transferSize, .blockSize(1408)],
    patience: [.milliseconds(700), .seconds(1), .seconds(2), .seconds(3), .seconds(5), .seconds(8)])
  /// By design it asks twice: `PxeBcTftpGetFileSize`.
  static let edk2 = TFTPDialect(
    options: [.transferSize, .blockSize(1468), .windowSize(4)], probeError: 8,
    patience: [.seconds(4), .seconds(4), .seconds(4), .seconds(4), .seconds(4), .seconds(4)])
  /// danderson's capture of an Intel Boot Agent: ERROR 0, then blksize alone.
  static let biosROM = TFTPDialect(
    options: [.transferSize, .blockSize(1456)], probeError: 0,
    patience: [.seconds(2), .seconds(4), .seconds(8), .seconds(16)])
  static let shim = TFTPDialect(
    options: [.blockSize(512), .windowSize(4)], patience: edk2.patience)
  static let grub = TFTPDialect(
    options: [.blockSize(1024), .transferSize], hasSlash: true,
    patience: [Duration](repeating: .seconds(1), count: 10))
  static let uboot = TFTPDialect(
    options: [.timeout(5), .blockSize(1468)],
    patience: [Duration](repeating: .seconds(5), count: 10))
  static let pi3ROM = TFTPDialect(
    options: [], patience: [Duration](repeating: .seconds(2), count: 5))
  static let bootcode = TFTPDialect(
    options: [.transferSize], patience: [Duration](repeating: .seconds(2), count: 5))
  /// raspberrypi/rpi-eeprom#74: the size is probed, ERROR 0 "Early terminate".
  static let piEEPROM = TFTPDialect(
    options: [.transferSize, .blockSize(1024)], probeError: 0,
    patience: [Duration](repeating: .seconds(2), count: 15))
}
