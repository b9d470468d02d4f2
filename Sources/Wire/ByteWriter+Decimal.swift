import Bytes

extension ByteWriter {
  /// The decimal digits of `number`.
  package mutating func writeDecimal(_ number: UInt64) {
    var power: UInt64 = 1
    while number / power >= 10 { power *= 10 }
    while power > 0 {
      write(UInt8(truncatingIfNeeded: 0x30 + number / power % 10))
      power /= 10
    }
  }

  /// The lower-case hexadecimal digits of `number`, without leading zeros.
  package mutating func writeHexadecimal(_ number: UInt64) {
    var shift: UInt64 = 60
    while shift > 0, number >> shift == 0 { shift -= 4 }
    while true {
      let digit = UInt8(truncatingIfNeeded: number >> shift & 0xf)
      write(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
      if shift == 0 { return }
      shift -= 4
    }
  }
}
