import Appliance
import ArgumentParser

struct LoadersInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Get iPXE, signed shim with GRUB, and PXELINUX from Debian's packages.",
    discussion: "The packages are unpacked, not installed: nothing else of this host changes.")

  @OptionGroup var folder: LoadersFolder

  func run() throws {
    try LoaderInstall { print($0) }.run(into: folder.path())
  }
}
