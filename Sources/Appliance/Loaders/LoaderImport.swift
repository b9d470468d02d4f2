import Boot
import FoundationEssentials

/// `bootwire loaders import FOLDER`: the operator's own boot programs, or a Raspberry Pi's firmware.
package struct LoaderImport {
  /// Where files may go below the loaders folder.
  package enum Place: Hashable, Sendable {
    case set(Loader.Set)
    /// `pi`: served to the firmware's own names, so not a set that a profile chooses.
    case pi

    package init?(_ name: String) {
      if let set = Loader.Set(rawValue: name) {
        self = .set(set)
      } else if name == "pi" {
        self = .pi
      } else {
        return nil
      }
    }

    package static let names = Loader.Set.allCases.map(\.rawValue) + ["pi"]
  }

  /// - Parameter place: Nil: a Raspberry Pi's firmware is known by its files, all else is iPXE.
  /// - Returns: A line for each file that was taken.
  package static func run(
    _ source: String, to place: Place?, into folder: String
  ) throws(LoaderFailure) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: source) else {
      throw LoaderFailure("\(source) is not a folder that can be read")
    }
    let isPi = names.contains("bootcode.bin") || names.contains("start4.elf")
    var placing = LoaderPlacing(folder, origin: source, version: "own")
    switch place ?? (isPi ? .pi : .set(.ipxe)) {
    case .pi: try addFirmware(names, from: source, to: &placing)
    case .set(let set): try add(set, names, from: source, to: &placing)
    }
    let lines = try placing.finish()
    guard !lines.isEmpty else {
      throw LoaderFailure("\(source) holds no file by a name that we know")
    }
    return lines
  }

  private static func add(
    _ set: Loader.Set, _ names: [String], from source: String, to placing: inout LoaderPlacing
  ) throws(LoaderFailure) {
    for row in LoaderRow.all where row.set == set && names.contains(row.file) {
      try placing.add("\(source)/\(row.file)", row)
    }
    for companion in LoaderCompanion.all
    where companion.set == set && names.contains(companion.file) {
      try placing.add("\(source)/\(companion.file)", companion)
    }
  }

  /// The names that the boot ROM and `start*.elf` ask for. Kernels and `config.txt` belong to a
  /// profile, not to the firmware.
  private static func addFirmware(
    _ names: [String], from source: String, to placing: inout LoaderPlacing
  ) throws(LoaderFailure) {
    func read(_ name: String) throws(LoaderFailure) -> LoaderFile? {
      try LoaderFile("\(source)/\(name)", followingLinks: true)
    }
    for name in names.sorted() {
      let isStart = name.hasPrefix("start") && name.hasSuffix(".elf")
      let isFixup = name.hasPrefix("fixup") && name.hasSuffix(".dat")
      let isTree = name.hasPrefix("bcm27") && name.hasSuffix(".dtb")
      guard isStart || isFixup || isTree || name == "bootcode.bin" else { continue }
      guard let file = try read(name) else { continue }
      if isStart { try file.check("\(source)/\(name)", for: .raspberryPi) }
      try placing.add(file, "pi/\(name)", isStart ? .raspberryPi : nil)
    }
    let overlays = (try? FileManager.default.contentsOfDirectory(atPath: source + "/overlays"))
    for name in (overlays ?? []).sorted() where name.hasSuffix(".dtbo") || name.hasSuffix(".dtb") {
      guard let file = try read("overlays/\(name)") else { continue }
      try placing.add(file, "pi/overlays/\(name)", nil)
    }
  }
}
