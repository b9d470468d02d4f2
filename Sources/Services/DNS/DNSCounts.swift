/// What became of queries; counters only, because a name is asked for too often to be an event.
package struct DNSCounts: Hashable, Sendable {
  package var queries = 0
  package var malformed = 0
  /// Dropped or cut short because a stranger's network asked too much.
  package var limited = 0
  package var refused = 0
  package var missing = 0
  package var truncated = 0
  package var forwarded = 0
  /// Answered from what another server said before.
  package var cached = 0
  /// No server answered in time, or there was no room to ask.
  package var failed = 0
  /// Answers to no question of ours.
  package var strays = 0
  /// Answers of others with private addresses, which were taken out.
  package var rebindings = 0

  package init() {}

  /// By name, sorted.
  package var all: [(name: String, count: Int)] {
    [
      ("dns.cached", cached), ("dns.failed", failed), ("dns.forwarded", forwarded),
      ("dns.limited", limited), ("dns.malformed", malformed), ("dns.missing", missing),
      ("dns.queries", queries), ("dns.rebindings", rebindings), ("dns.refused", refused),
      ("dns.strays", strays), ("dns.truncated", truncated),
    ]
  }
}
