import Bytes

/// The processor that an EFI image is built for (UEFI 2.10 §2.1.1, PE/COFF machine types).
package enum EFIMachine: String, CaseIterable, Sendable {
  case x86
  case x8664 = "x86-64"
  case arm32
  case arm64
  case riscv64

  /// Microsoft PE/COFF §3.3.1. EFI says 0x01c2 for 32-bit ARM; some linkers write 0x01c0, 0x01c4.
  init?(machineType: UInt16) {
    switch machineType {
    case 0x014c: self = .x86
    case 0x8664: self = .x8664
    case 0x01c0, 0x01c2, 0x01c4: self = .arm32
    case 0xaa64: self = .arm64
    case 0x5064: self = .riscv64
    case _: return nil
    }
  }

  private var is64Bit: Bool {
    switch self {
    case .x86, .arm32: false
    case .x8664, .arm64, .riscv64: true
    }
  }

  /// Walks a PE image's headers and section table; every size in them is a stranger's.
  ///
  /// - Parameter byteCount: Of the whole file: a section that ends behind it was cut off.
  init(imageHead head: RawSpan, byteCount: Int) throws(Malformed) {
    let image = LittleEndian(head)
    let header = Int(try image.doubleWord(at: 0x3c))
    guard try image.doubleWord(at: header) == 0x0000_4550 else {  // "PE\0\0"
      throw Malformed(.invalid("PE signature"), at: header)
    }
    guard let machine = EFIMachine(machineType: try image.word(at: header + 4)) else {
      throw Malformed(.unsupported("PE machine type"), at: header + 4)
    }
    let sectionCount = Int(try image.word(at: header + 6))
    guard sectionCount <= 96 else { throw Malformed(.excessive("PE sections"), at: header + 6) }
    let optionalSize = Int(try image.word(at: header + 20))
    guard optionalSize >= 70 else {
      throw Malformed(.invalid("PE optional header size"), at: header + 20)
    }
    let optional = header + 24
    guard try image.word(at: optional) == (machine.is64Bit ? 0x20b : 0x10b) else {
      throw Malformed(.invalid("PE optional header magic"), at: optional)
    }
    // 10 is an application; 11 and 12 are drivers, 1 … 3 are Windows's.
    guard try image.word(at: optional + 68) == 10 else {
      throw Malformed(.unsupported("PE subsystem"), at: optional + 68)
    }
    for index in 0..<sectionCount {
      let section = optional + optionalSize + 40 * index
      let size = Int(try image.doubleWord(at: section + 16))
      let start = Int(try image.doubleWord(at: section + 20))
      guard start + size <= byteCount else { throw Malformed(.truncated, at: section + 16) }
    }
    self = machine
  }
}
