import Network

/// What of a machine is the same at every boot.
package struct MachineIdentity: Hashable, Sendable {
  package let macAddress: MACAddress
  package let uuid: UUID
  /// A Raspberry Pi's, as its option 97 and its TFTP prefix have it.
  package let serial: UInt32
  /// What a machine would throw dice for comes from this and the hardware address.
  package let seed: UInt64

  package init(
    macAddress: MACAddress, uuid: UUID? = nil, serial: UInt32? = nil, seed: UInt64 = 0
  ) {
    self.macAddress = macAddress
    self.uuid =
      uuid
      ?? UUID(
        high: 0x4c4c_4544_0042_4c10, low: 0x8056_0000_0000_0000 | macAddress.number)
    // A Pi 3's hardware address ends like its serial number.
    self.serial = serial ?? UInt32(truncatingIfNeeded: 0x8d00_0000 | macAddress.number & 0xff_ffff)
    self.seed = seed
  }

  /// A number that differs from machine to machine and from `use` to `use` (SplitMix64).
  func number(for use: UInt64) -> UInt64 {
    var state = macAddress.number ^ seed &* 0x9e37_79b9_7f4a_7c15 ^ use &* 0xbf58_476d_1ce4_e5b9
    state = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    state = (state ^ state >> 27) &* 0x94d0_49bb_1331_11eb
    return state ^ state >> 31
  }

  /// The serial number as it stands before a Pi's file names.
  package var serialPrefix: String {
    let digits = String(serial, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
