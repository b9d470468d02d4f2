/// How bad a network and a disk are: of ten thousand datagrams or commits, how many.
package struct Faults: Hashable, Sendable {
  package var lost = 0
  package var doubled = 0
  /// Overtaken by those that follow, by milliseconds.
  package var reordered = 0
  /// Kept back for up to two seconds.
  package var delayed = 0
  /// Up to three octets are others than were sent. UDP's checksum would drop nearly all of these.
  package var corrupted = 0
  /// An ACK comes a second time, or an ERROR, from a port that has no transfer (RFC 1350 §4).
  package var strayed = 0
  package var commitsFailed = 0
  /// Take up to two seconds instead of a few milliseconds.
  package var commitsDelayed = 0

  package init() {}

  /// Each kind is there or not, so that some seeds have one fault only, and some all.
  init(_ dice: inout Dice) {
    if dice.hits(7000) { lost = dice.roll(1500) }
    if dice.hits(5000) { doubled = dice.roll(1500) }
    if dice.hits(5000) { reordered = dice.roll(2000) }
    if dice.hits(5000) { delayed = dice.roll(500) }
    if dice.hits(3000) { corrupted = dice.roll(200) }
    if dice.hits(5000) { strayed = dice.roll(1000) }
    if dice.hits(4000) { commitsFailed = dice.roll(4000) }
    if dice.hits(4000) { commitsDelayed = dice.roll(5000) }
  }
}
