import Appliance
import ArgumentParser

struct LoadersInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Get iPXE for BIOS and UEFI from Debian's package; nothing is installed on this host."
  )

  @OptionGroup var folder: LoadersFolder

  func run() throws {
    try LoaderInstall { print($0) }.run(into: folder.path())
  }
}
