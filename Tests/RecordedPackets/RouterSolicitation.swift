import Bytes
import Network
import Wire

/// A router solicitation as an Ethernet frame, made by hand after RFC 4861 §4.1: not recorded.
package struct RouterSolicitation {
  package let frame: [UInt8]

  /// Who asks: 52:54:00:77:00:01.
  package static let machine = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)

  package init(hopLimit: UInt8 = 255) {
    let hardware: [UInt8] = [0x52, 0x54, 0, 0x77, 0, 1]
    var frame: [UInt8] = [0x33, 0x33, 0, 0, 0, 2] + hardware + [0x86, 0xdd]
    frame += [0x60, 0, 0, 0, 0, 16, 58, hopLimit]
    frame += [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x77, 0, 1]
    frame += [0xff, 2] + [UInt8](repeating: 0, count: 13) + [2]
    let body: [UInt8] = [133, 0, 0, 0, 0, 0, 0, 0, 1, 1] + hardware
    var sum = InternetChecksum()
    let addresses = Array(frame[22..<54])
    sum.add(addresses.rawSpan)
    sum.add(UInt32(16))
    sum.add(UInt32(58))
    sum.add(body.rawSpan)
    frame += body
    frame[56] = UInt8(sum.value >> 8)
    frame[57] = UInt8(sum.value & 0xff)
    self.frame = frame
  }
}
