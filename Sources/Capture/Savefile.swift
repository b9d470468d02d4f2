import Wire

/// A whole recording in memory: pcap-savefile(5), or pcapng.
package struct Savefile: Sendable {
  package let name: String
  package let link: LinkType
  /// All frames that could be read, in the order of the file.
  package let frames: [Frame]
  /// Why it was not read to its end; a recording that was cut off still holds what it holds.
  package let failure: CaptureFailure?

  /// - Throws: Where it is no recording at all, or of a link that we do not read.
  package init(
    reading path: String, limits: CaptureLimits = CaptureLimits()
  ) throws(CaptureFailure) {
    self.init(try SavefileReader(path, limits: limits))
  }

  /// Reads octets that are in memory; `name` is for errors.
  package init(
    _ octets: [UInt8], name: String, limits: CaptureLimits = CaptureLimits()
  ) throws(CaptureFailure) {
    self.init(try SavefileReader(octets, name: name, limits: limits))
  }

  private init(_ reader: SavefileReader) {
    name = reader.name
    link = reader.link
    var frames: [Frame] = []
    do throws(CaptureFailure) {
      while let frame = try reader.next() { frames.append(frame) }
      failure = nil
    } catch {
      failure = error
    }
    self.frames = frames
  }
}
