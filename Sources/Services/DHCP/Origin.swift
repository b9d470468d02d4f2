import Boot
import Network

/// Why a part of a reply is what it is, or why it is not there.
package enum Origin: Hashable, Sendable {
  /// So says an RFC or the PXE specification, in a few words with the section.
  case rule(String)
  /// Our own address.
  case ours
  /// The relay's wish (RFC 5107).
  case relay
  case subnet(IPv4Prefix)
  /// The operator's `options:` of this subnet.
  case operators(IPv4Prefix)
  case machine(String)
  case loader(profile: String?)
  case script(profile: String?)
  /// A row of ``Quirk``, by its name and what is done for it.
  case quirk(String, effect: String)
  case authority
  /// Sent back as it came, by this RFC.
  case echoed(String)
  case leased
  case wished
  case free(Pool)
  /// Less than the subnet's lease.
  case askedForLess

  // What is left out.
  /// The client's list of parameters (option 55) does not have it.
  case notAskedFor
  /// The operator's, where the boot's own value stands.
  case overruled

  static func quirk(_ row: Quirk) -> Origin { .quirk(row.name, effect: row.effect) }

  /// Whether it says why something is not there.
  package var isAbsence: Bool {
    switch self {
    case .notAskedFor, .overruled: true
    case .rule, .ours, .relay, .subnet, .operators, .machine, .loader, .script, .quirk, .authority,
      .echoed, .leased, .wished, .free, .askedForLess:
      false
    }
  }
}

extension Origin: CustomStringConvertible {
  package var description: String {
    switch self {
    case .rule(let text): text
    case .ours: "our address as this client reaches it"
    case .relay: "the address that the relay asks for (RFC 5107)"
    case .subnet(let network): "subnet \(network)"
    case .operators(let network): "options of subnet \(network)"
    case .machine(let name): "machine \(name)"
    case .loader(let profile): profile.map { "loader of profile \($0)" } ?? "loader, no profile"
    case .script(let profile): profile.map { "script of profile \($0)" } ?? "script, no profile"
    case .quirk(let name, let effect): "quirk \(name): \(effect)"
    case .authority: "the authority that iPXE is to trust"
    case .echoed(let source): "sent back as it came (\(source))"
    case .leased: "the address that it has or had"
    case .wished: "the address that it asks for"
    case .free(let pool): "free in the pool \(pool.first)-\(pool.last)"
    case .askedForLess: "the client asks for less than the subnet's lease"
    case .notAskedFor: "the client did not ask for it (option 55)"
    case .overruled: "the value of this boot stands in its place"
    }
  }
}
