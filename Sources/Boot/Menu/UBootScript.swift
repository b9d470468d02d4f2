import Network

/// The text of `boot.scr.uimg`: commands of U-Boot's shell.
///
/// The kernel comes by TFTP from us, whoever gave the address. A script that ends leaves the
/// machine to U-Boot's next way of booting.
struct UBootScript {
  let server: IPv4Address

  func render(_ entry: MenuEntry) -> String {
    switch entry.body {
    case .kernel(let kernel, let initrd, let arguments):
      for source in [kernel] + initrd where !isName(source) {
        return render(entry.refused("\(source.text) is no name that U-Boot can ask for"))
      }
      // Within its single quotes U-Boot's shell has no way to write these.
      guard !arguments.contains(where: { $0 == "'" || $0 == "\\" }) else {
        return render(entry.refused("U-Boot's shell cannot hold these kernel arguments"))
      }
      return text(
        entry.title,
        [
          "setenv bootargs '\(arguments)'", "setenv bootwire_ok 1",
          fetched(kernel, "kernel_addr_r"),
        ] + loading(initrd) + tree + start)
    // ``Quirk/ubootGoesOnAfterScript``.
    case .local: return text(entry.title, [])
    case .refusal(let reason): return text(reason, [])
    }
  }

  private func isName(_ source: BootSource) -> Bool {
    guard BootText.isPlainName(source.text) else { return false }
    switch source.place {
    case .file: return true
    case .url(let scheme, _, _): return scheme == "tftp" || scheme == "http"
    }
  }

  /// The script goes on after a failure, and would start the kernel without its RAM disk.
  private func fetched(_ source: BootSource, _ address: String) -> String {
    let command =
      switch source.place {
      case .file(let path): "tftpboot ${\(address)} '\(server):files/\(path)'"
      case .url("tftp", let host, let path): "tftpboot ${\(address)} '\(host):\(path)'"
      case .url: "wget ${\(address)} '\(source.text)'"
      }
    return command + " || setenv bootwire_ok"
  }

  /// RAM disks lie one behind the other, as the kernel takes them.
  private func loading(_ initrd: [BootSource]) -> [String] {
    guard !initrd.isEmpty else { return ["setenv bootwire_initrd -"] }
    var lines = ["setenv bootwire_next ${ramdisk_addr_r}"]
    for source in initrd {
      lines += [
        fetched(source, "bootwire_next"),
        "setexpr bootwire_next ${bootwire_next} + ${filesize}",
      ]
    }
    return lines + [
      "setexpr bootwire_size ${bootwire_next} - ${ramdisk_addr_r}",
      "setenv bootwire_initrd ${ramdisk_addr_r}:${bootwire_size}",
    ]
  }

  /// The device tree of the firmware below U-Boot, else U-Boot's own.
  private var tree: [String] {
    [
      "if test -n \"${fdt_addr}\"; then setenv bootwire_fdt ${fdt_addr}; "
        + "else setenv bootwire_fdt ${fdtcontroladdr}; fi"
    ]
  }

  /// 64-bit kernels are started by booti, 32-bit ones by bootz; a build has one of them.
  private var start: [String] {
    let words = "${kernel_addr_r} ${bootwire_initrd} ${bootwire_fdt}"
    return ["if test -n \"${bootwire_ok}\"; then booti \(words) || bootz \(words); fi"]
  }

  private func text(_ title: String, _ lines: [String]) -> String {
    (["# bootwire: made for this machine when it asked"]
      + ["echo 'bootwire: \(BootText.screen(title))'"] + lines).joined(separator: "\n") + "\n"
  }
}
