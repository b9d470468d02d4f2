import Boot
import Network

/// What a virtual appliance serves: a catalog, and the files behind its names.
package struct World: Sendable {
  package let catalog: Catalog
  /// Finds the file of a tree; nil where there is none. The pure half opens no files, so whoever
  /// makes a world says what is in its trees.
  package let find: @Sendable (Resource.Tree, BootPath) -> WorldFile?

  package init(
    catalog: Catalog, find: @escaping @Sendable (Resource.Tree, BootPath) -> WorldFile?
  ) {
    self.catalog = catalog
    self.find = find
  }
}

/// A file of a world.
package struct WorldFile: Hashable, Sendable {
  package let byteCount: Int
  /// The bytes, or nil for zeros: a recording that was elided knows lengths only, and a kernel
  /// need not be read to be served to nobody.
  package let octets: [UInt8]?

  package init(byteCount: Int, octets: [UInt8]? = nil) {
    self.byteCount = byteCount
    self.octets = octets
  }

  package init(_ octets: [UInt8]) { self.init(byteCount: octets.count, octets: octets) }

  /// The bytes of a part.
  package func octets(from offset: Int, count: Int) -> [UInt8] {
    guard let octets else { return [UInt8](repeating: 0, count: count) }
    let end = min(offset + count, octets.count)
    guard offset < end else { return [UInt8](repeating: 0, count: count) }
    return Array(octets[offset..<end]) + [UInt8](repeating: 0, count: offset + count - end)
  }
}

/// Where the content of one request comes from.
package enum Supply: Sendable {
  /// From the world: by the catalog's decision and the trees.
  case world
  /// Exactly this, as the recording has it, whatever the catalog would render.
  case file(WorldFile)
  /// There is no such thing, as in the recording.
  case missing
}
