/// The types of record that a zone holds, by their numbers (IANA).
package enum RecordType: UInt16, Sendable {
  case a = 1
  case ns = 2
  case cname = 5
  case soa = 6
  case ptr = 12
  case mx = 15
  case txt = 16
  case aaaa = 28
  case srv = 33
}

/// One record of a name; its data lies with its ``Zones``.
package struct ZoneRecord: Sendable {
  package let type: RecordType
  /// In seconds.
  package let lifetime: UInt32
  let start: Int
  let count: Int
}

/// A name that exists, perhaps without records.
package struct ZoneEntry: Sendable {
  /// The zone that it is of.
  package let zone: Int
  let first: Int
  let count: Int
  /// Whether it is the name of a machine, whose address may come and go with its lease.
  package let isMachine: Bool
  /// Whether others serve what is below (its NS records say who).
  package let isCut: Bool

  package var hasRecords: Bool { count > 0 }
}
