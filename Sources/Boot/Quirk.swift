/// What a firmware does otherwise than the standards say, or needs beyond them, and what we do for
/// it. The code that does it names its row.
package struct Quirk: Hashable, Sendable {
  package let name: String
  package let sign: Sign
  /// What we do.
  package let effect: String
  /// Which firmware, and which versions where that is known.
  package let firmware: String
  /// Where it is told.
  package let source: String
  package let proof: Proof

  /// How it is told.
  package enum Sign: Hashable, Sendable {
    case kind(Firmware.Kind)
    case architecture(Architecture)
    /// Any UEFI that speaks PXE.
    case efi
    /// By these words of the message, which the code that names the row reads.
    case message(String)
  }

  /// A message that shows it, which a test plays.
  package enum Proof: Hashable, Sendable {
    /// A file of `Fixtures/packets`, without its extension.
    case fixture(String)
    /// A capture beside the package, by its path in the folder of captures.
    case capture(String)
  }

  /// Whether `firmware` shows the sign; false for what only the message tells.
  package func applies(to firmware: Firmware?) -> Bool {
    guard let firmware else { return false }
    return switch sign {
    case .kind(let kind): firmware.kind == kind
    case .architecture(let architecture): firmware.architecture == architecture
    case .efi: firmware.kind == .pxe && firmware.isEFI
    case .message: false
    }
  }
}
