import Boot
import Network

// Applied objects, by generation.
extension RegistryTables {
  /// Generations that one can go back to, and the octets of all their texts.
  static let generationMax: UInt64 = 4096
  static let historySizeMax: Int64 = 256 << 20

  /// The last edit; 0 before the first.
  func generation() throws(StoreError) -> UInt64 {
    UInt64(clamping: try connection.number("SELECT max(number) FROM generation"))
  }

  /// The oldest generation that one can go back to.
  func oldestGeneration() throws(StoreError) -> UInt64 {
    UInt64(clamping: try connection.number("SELECT min(number) FROM generation"))
  }

  /// All objects as they are now, by kind and name, secrets with their values.
  func objects() throws(StoreError) -> [ObjectRow] {
    let secrets = try connection.prepare("SELECT name, value FROM secret")
    var values: [String: Secret.Text] = [:]
    while try secrets.step() { values[secrets.text(0)] = Secret.Text(secrets.text(1)) }
    let rows = try connection.prepare(
      """
      SELECT kind, name, generation, text FROM object WHERE latest = 1 AND text IS NOT NULL
      ORDER BY kind, name
      """)
    return try Self.read(rows).map { row in
      var row = row
      if row.kind == .secrets { row.value = values[row.name] }
      return row
    }
  }

  /// All objects as they were after `generation`, secrets without values.
  func objects(at generation: UInt64) throws(StoreError) -> [ObjectRow] {
    // Of the other columns SQLite takes those of the row that has the maximum.
    let rows = try connection.prepare(
      """
      SELECT kind, name, max(generation), text FROM object WHERE generation <= ?1
      GROUP BY kind, name ORDER BY kind, name
      """)
    try rows.bind(Int64(clamping: generation), at: 1)
    return try Self.read(rows)
  }

  private static func read(_ rows: borrowing Statement) throws(StoreError) -> [ObjectRow] {
    var objects: [ObjectRow] = []
    while try rows.step() {
      guard let kind = ObjectKind(rawValue: rows.text(0)), !rows.isNull(3) else { continue }
      objects.append(
        ObjectRow(
          kind: kind, name: rows.text(1), generation: UInt64(clamping: rows.number(2)),
          text: rows.text(3)))
    }
    return objects
  }

  /// The objects that one edit wrote, with their texts before and after it; nil where there was
  /// none.
  func writes(of generation: UInt64) throws(StoreError) -> [ObjectStep] {
    let rows = try connection.prepare(
      """
      SELECT kind, name, text,
        (SELECT text FROM object AS earlier WHERE earlier.kind = object.kind
          AND earlier.name = object.name AND earlier.generation < ?1
          ORDER BY generation DESC LIMIT 1)
      FROM object WHERE generation = ?1 ORDER BY kind, name
      """)
    try rows.bind(Int64(clamping: generation), at: 1)
    var steps: [ObjectStep] = []
    while try rows.step() {
      guard let kind = ObjectKind(rawValue: rows.text(0)) else { continue }
      steps.append(
        ObjectStep(
          kind: kind, name: rows.text(1), before: rows.isNull(3) ? nil : rows.text(3),
          after: rows.isNull(2) ? nil : rows.text(2)))
    }
    return steps
  }

  /// Edits before `number`, the last first.
  func generations(before number: UInt64, limit: Int) throws(StoreError) -> [ObjectGeneration] {
    let rows = try connection.prepare(
      """
      SELECT number, time, author, note FROM generation WHERE number < ?1
      ORDER BY number DESC LIMIT ?2
      """)
    try rows.bind(Int64(clamping: number), at: 1)
    try rows.bind(Int64(clamping: limit), at: 2)
    var generations: [ObjectGeneration] = []
    while try rows.step() {
      generations.append(
        ObjectGeneration(
          number: UInt64(clamping: rows.number(0)), time: UnixTime(nanoseconds: rows.number(1)),
          author: rows.text(2), note: rows.text(3)))
    }
    return generations
  }

  /// Writes an edit as the generation after the last, together with what it changes of machines.
  mutating func commit(
    _ writes: [ObjectWrite], _ changes: [RegistryChange], author: String, note: String,
    _ clock: ClockReading
  ) throws(StoreError) -> UInt64 {
    let number = try generation() + 1
    let size = writes.reduce(0) { $0 + Int64($1.text?.utf8.count ?? 0) }
    try commit(clock) { (connection) throws(StoreError) in
      let put = try connection.prepare("INSERT INTO generation VALUES (?1, ?2, ?3, ?4, ?5)")
      try put.bind(Int64(clamping: number), at: 1)
      try put.bind(clock.wallClock.nanoseconds, at: 2)
      try put.bind(author, at: 3)
      try put.bind(note, at: 4)
      try put.bind(size, at: 5)
      try put.run()
      try Self.write(writes, number, connection)
      try Self.write(changes, clock, connection)
      try Self.trim(number, connection)
    }
    return number
  }

  private static func write(
    _ writes: [ObjectWrite], _ generation: UInt64, _ connection: borrowing Connection
  ) throws(StoreError) {
    let age = try connection.prepare(
      "UPDATE object SET latest = 0 WHERE kind = ?1 AND name = ?2 AND latest = 1")
    let put = try connection.prepare("INSERT INTO object VALUES (?1, ?2, ?3, ?4, 1)")
    for write in writes {
      try age.bind(write.kind.rawValue, at: 1)
      try age.bind(write.name, at: 2)
      try age.run()
      try put.bind(write.kind.rawValue, at: 1)
      try put.bind(write.name, at: 2)
      try put.bind(Int64(clamping: generation), at: 3)
      if let text = write.text { try put.bind(text, at: 4) } else { try put.bindNull(at: 4) }
      try put.run()
      guard write.kind == .secrets else { continue }
      if write.text == nil {
        try run("DELETE FROM secret WHERE name = ?1", write.name, connection)
      } else if let value = write.value {
        let keep = try connection.prepare("INSERT OR REPLACE INTO secret VALUES (?1, ?2)")
        try keep.bind(write.name, at: 1)
        try keep.bind(value.revealed, at: 2)
        try keep.run()
      }
    }
  }

  /// Forgets the oldest generations when there are too many, or their texts too long; what is in
  /// force is kept whatever its age.
  private static func trim(
    _ last: UInt64, _ connection: borrowing Connection
  ) throws(StoreError) {
    let rows = try connection.prepare("SELECT number, size FROM generation ORDER BY number DESC")
    var (size, count): (Int64, UInt64) = (0, 0)
    var oldest: Int64?
    while try rows.step() {
      (size, count) = (size &+ rows.number(1), count + 1)
      guard count <= generationMax, size <= historySizeMax || count == 1 else { break }
      oldest = rows.number(0)
    }
    rows.reset()
    guard let oldest, try connection.number("SELECT min(number) FROM generation") < oldest else {
      return
    }
    for sql in [
      "DELETE FROM generation WHERE number < ?1",
      """
      DELETE FROM object WHERE latest = 0 AND generation < ?1 AND EXISTS (
        SELECT 1 FROM object AS later WHERE later.kind = object.kind
          AND later.name = object.name AND later.generation > object.generation
          AND later.generation <= ?1)
      """,
      "DELETE FROM object WHERE text IS NULL AND generation <= ?1",
    ] {
      let statement = try connection.prepare(sql)
      try statement.bind(oldest, at: 1)
      try statement.run()
    }
  }
}

/// One object's texts before and after an edit; nil: there was none.
package struct ObjectStep: Hashable, Sendable {
  package var kind: ObjectKind
  package var name: String
  package var before: String?
  package var after: String?
}
