/// One input as a row of pieces, for targets that take more than one packet: an octet that chooses
/// what becomes of it, its length in two octets, and so many octets, or as many as are left.
package struct Pieces: Sequence, IteratorProtocol {
  package struct Piece: Hashable, Sendable {
    package let choice: UInt8
    package let octets: [UInt8]
  }

  private var rest: ArraySlice<UInt8>
  private var count = 0

  /// So that an input of nothing but empty pieces takes no time.
  private static let most = 256

  package init(_ octets: [UInt8]) { rest = octets[...] }

  package mutating func next() -> Piece? {
    guard rest.count >= 3, count < Self.most else { return nil }
    count += 1
    let start = rest.startIndex
    let length = Int(rest[start + 1]) << 8 | Int(rest[start + 2])
    let octets = rest.dropFirst(3).prefix(length)
    defer { rest = rest.dropFirst(3 + length) }
    return Piece(choice: rest[start], octets: Array(octets))
  }

  /// The input that is these pieces.
  package static func joined(_ pieces: [(choice: UInt8, octets: [UInt8])]) -> [UInt8] {
    pieces.flatMap { piece in
      let octets = piece.octets.prefix(65_535)
      return [piece.choice, UInt8(octets.count >> 8), UInt8(octets.count & 0xff)] + octets
    }
  }
}
