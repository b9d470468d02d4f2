/// The tables of `registry.sqlite`. Texts are octets, times nanoseconds since 1970.
enum RegistrySchema {
  static let migrations = [
    """
    CREATE TABLE generation (
      number INTEGER PRIMARY KEY, time INTEGER NOT NULL, author BLOB NOT NULL, note BLOB NOT NULL,
      size INTEGER NOT NULL) STRICT;
    CREATE TABLE object (
      kind BLOB NOT NULL, name BLOB NOT NULL, generation INTEGER NOT NULL, text BLOB,
      latest INTEGER NOT NULL, PRIMARY KEY (kind, name, generation)) STRICT;
    CREATE INDEX object_latest ON object (kind, name) WHERE latest = 1;
    CREATE INDEX object_generation ON object (generation);
    CREATE TABLE secret (name BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT;
    CREATE TABLE provision (
      machine BLOB PRIMARY KEY, site BLOB NOT NULL, mac INTEGER, state BLOB NOT NULL,
      since INTEGER NOT NULL, cause BLOB NOT NULL, facts BLOB NOT NULL, token BLOB NOT NULL,
      profile BLOB NOT NULL, expiry INTEGER NOT NULL, span INTEGER NOT NULL,
      released BLOB NOT NULL, relay_port BLOB NOT NULL) STRICT;
    CREATE TABLE entry (
      machine BLOB NOT NULL, number INTEGER NOT NULL, time INTEGER NOT NULL, state BLOB NOT NULL,
      cause BLOB NOT NULL, PRIMARY KEY (machine, number)) STRICT, WITHOUT ROWID;
    CREATE TABLE node (
      name BLOB PRIMARY KEY, site BLOB NOT NULL, mac INTEGER, host_name BLOB NOT NULL,
      addresses BLOB NOT NULL, host_keys BLOB NOT NULL, pending BLOB NOT NULL,
      system BLOB NOT NULL, facts BLOB NOT NULL, installed INTEGER NOT NULL,
      reach INTEGER NOT NULL, reach_time INTEGER NOT NULL) STRICT;
    CREATE TABLE token (
      id BLOB PRIMARY KEY, name BLOB NOT NULL, role BLOB NOT NULL, site BLOB,
      digest BLOB NOT NULL, created INTEGER NOT NULL, expires INTEGER, used INTEGER) STRICT;
    """ + ClockReading.table
  ]

  /// What a damaged database is searched for, the clock first, for the rest is counted by it.
  static let tables = [
    "clock", "generation", "secret", "token", "object", "provision", "node", "entry",
  ]

  /// When the wall clock was set, what will end moves with it. Clamped, because one damaged row
  /// whose sum overflows would refuse the whole transaction.
  static let shiftDeadlines = "UPDATE provision SET expiry = \(shifted("expiry"))"

  /// So does, while we ran and know how far, what has happened.
  static let shiftTimes = [
    "UPDATE provision SET since = \(shifted("since"))",
    "UPDATE entry SET time = \(shifted("time"))",
    "UPDATE node SET installed = \(shifted("installed")), reach_time = \(shifted("reach_time"))",
  ]

  private static func shifted(_ column: String) -> String {
    "CASE \(column) WHEN 9223372036854775807 THEN \(column)"
      + " ELSE max(min(\(column), 1 << 62), -(1 << 62)) + ?1 END"
  }
}
