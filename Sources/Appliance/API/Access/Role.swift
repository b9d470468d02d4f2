/// What somebody may do by the API; each role may do all that those before it may.
package enum Role: String, CaseIterable, Codable, Sendable {
  /// Look.
  case reader
  /// Change machines and what they boot; not secrets and tokens.
  case `operator`
  case admin

  func covers(_ other: Role) -> Bool { rank >= other.rank }

  private var rank: Int {
    switch self {
    case .reader: 0
    case .operator: 1
    case .admin: 2
    }
  }
}
