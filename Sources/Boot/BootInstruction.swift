/// What a machine's firmware is to do next.
package enum BootInstruction: Hashable, Sendable {
  /// Fetch and start this boot program.
  case loader(Loader)
  /// Fetch and run its iPXE script.
  case script
  /// Fetch files by names that the firmware itself knows: a Raspberry Pi, U-Boot.
  case native
  /// Start from its own disk: an address, and nothing to boot.
  case local
  /// No loader is installed for it: an address, and nothing to boot.
  case unsupported
  /// It did not ask to boot: an ordinary DHCP client.
  case nothing
  /// Policy says not to answer it at all.
  case ignore
}
