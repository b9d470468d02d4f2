import Bytes
import Network

/// The last records of one machine, in memory that is taken once.
///
/// Two halves: when one is full, the other is forgotten and filled again. So a record is written by
/// appending, and between a half and all of the memory is remembered.
struct FlightRing: Sendable {
  private var older: ByteWriter
  private var newer: ByteWriter
  /// Octets written before `newer`, since the beginning.
  private var passed = 0
  private let half: Int

  init(byteCount: Int) {
    half = byteCount / 2
    older = ByteWriter(reserving: half)
    newer = ByteWriter(reserving: half)
  }

  /// Where the next record will stand: counts what was ever written.
  var position: Int { passed + newer.count }

  /// Writes the head of a record whose octets follow by `body`; what is longer than half the memory
  /// is left out.
  mutating func append(
    _ kind: FlightRecord.Kind, _ client: Endpoint, _ server: Endpoint, first: UInt64,
    second: UInt64, at now: Instant, count: Int, _ body: (inout ByteWriter) -> Void
  ) {
    let whole = FlightRecord.headCount + count
    guard whole <= half else { return }
    if newer.count + whole > half {
      passed += newer.count
      swap(&older, &newer)
      newer.clear()
    }
    newer.write(kind.rawValue)
    newer.write(UInt64(bitPattern: now.nanoseconds))
    newer.write(client.address.number)
    newer.write(client.port)
    newer.write(server.address.number)
    newer.write(server.port)
    newer.write(first)
    newer.write(second)
    newer.write(UInt32(count))
    body(&newer)
  }

  /// What is remembered of the records at `position` and behind it.
  func octets(from position: Int) -> [UInt8] {
    let start = passed - older.count
    let newest = newer.bytes[max(0, min(position - passed, newer.count))...]
    guard position < passed else { return Array(newest) }
    return Array(older.bytes[max(0, position - start)...]) + newest
  }

  /// Forgets all; the memory stays.
  mutating func clear() {
    older.clear()
    newer.clear()
    passed = 0
  }
}
