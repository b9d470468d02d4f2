/// What bounds the TFTP service.
package struct TFTPLimits: Sendable {
  /// Transfers at once, of all clients.
  package var transfers = 4096
  /// Transfers at once of one client address. EDK2 and GRUB hold one, a room behind one
  /// address-translating router many.
  package var transfersPerClient = 32
  package var windowSize: UInt16 = 64
  /// Until the first retransmission. The Raspberry Pi's start4.elf of 2021 takes a repeated block
  /// for the next one, so that it must not be shorter (raspberrypi/firmware#1631).
  package var timeout = Duration.seconds(1)
  /// The pause doubles up to here.
  package var longestTimeout = Duration.seconds(8)
  /// Times that a packet is sent before the client is given up.
  package var tries = 6
  /// The same before the client has answered at all: a forged request makes us send to a third
  /// party no more than this many small packets.
  package var unverifiedTries = 4
  /// For this long the same request again counts as the one that is being answered.
  package var repetition = Duration.seconds(3)

  package init() {}
}
