/// What processor and boot environment a boot program must be built for.
///
/// Apart from ``Firmware``: one architecture is asked for by several kinds of firmware.
package enum Architecture: String, CaseIterable, Sendable {
  case x86BIOS = "x86-bios"
  case x86EFI = "x86-efi"
  case x8664EFI = "x86-64-efi"
  case arm32EFI = "arm32-efi"
  case arm64EFI = "arm64-efi"
  case riscv64EFI = "riscv64-efi"
  case arm32UBoot = "arm32-uboot"
  case arm64UBoot = "arm64-uboot"
  case raspberryPi3 = "raspberry-pi-3"
  case raspberryPi = "raspberry-pi"
}
