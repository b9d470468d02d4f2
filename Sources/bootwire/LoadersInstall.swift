import Appliance
import ArgumentParser

struct LoadersInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Get iPXE, signed shim with GRUB, and PXELINUX from Debian's packages.",
    discussion: "The packages are unpacked, not installed: nothing else of this host changes.")

  @OptionGroup var folder: LoadersFolder

  @Option(
    help: ArgumentHelp(
      "The Debian release to take them from, as bookworm; otherwise this host's or trixie, the"
        + " later one.", valueName: "name"))
  var release: String?

  func run() throws {
    let asked = release.flatMap { DebianRelease(rawValue: $0) }
    guard release == nil || asked != nil else {
      let names = DebianRelease.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--release is one of \(names).")
    }
    try LoaderInstall(release: asked) { print($0) }.run(into: folder.path())
  }
}
