import Boot
import Bytes
import Digest
import FoundationEssentials

/// A boot program, read whole.
package struct LoaderFile: Sendable {
  package let octets: [UInt8]

  /// iPXE with all drivers is 1 MB, a Raspberry Pi's start.elf 4 MB.
  private static let sizeLimit = 32 << 20

  /// Nil where nothing is at `path`.
  ///
  /// - Parameter followingLinks: For a folder of the operator's own, which we only copy from. What
  ///   is in the loaders folder is served, and a link there could lead out of it.
  /// - Throws: When it is no regular file (a link, a pipe, a device), too large, or
  ///   not ours to read.
  package init?(_ path: String, followingLinks: Bool = false) throws(LoaderFailure) {
    let path = followingLinks ? URL(fileURLWithPath: path).resolvingSymlinksInPath().path : path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
      return nil
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw LoaderFailure("\(path) is not a regular file")
    }
    let size = (attributes[.size] as? UInt64) ?? UInt64(attributes[.size] as? Int ?? 0)
    guard size <= UInt64(Self.sizeLimit) else {
      throw LoaderFailure("\(path) has \(size) bytes, more than any boot program")
    }
    guard let contents = FileManager.default.contents(atPath: path) else {
      throw LoaderFailure("\(path) cannot be read")
    }
    octets = [UInt8](contents)
  }

  package var sha256: String { SHA256(of: octets).map { Hexadecimal.text($0.octets) } ?? "" }

  /// - Throws: When firmware of `architecture` could not start it.
  package func check(_ name: String, for architecture: Architecture) throws(LoaderFailure) {
    let found: LoaderFormat
    do throws(Malformed) {
      found = try LoaderFormat(head: octets.rawSpan, byteCount: octets.count)
    } catch {
      throw LoaderFailure("\(name) is no boot program that we know: \(error)")
    }
    guard found == architecture.loaderFormat else {
      throw LoaderFailure(
        "\(name) is \(found), but \(architecture.rawValue) needs \(architecture.loaderFormat)")
    }
  }
}
