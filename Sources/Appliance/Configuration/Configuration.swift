import Boot

/// What a configuration says, wholly checked.
package struct Configuration: Sendable {
  package var settings: Settings
  package var site: String
  /// Those that do not exist on this box have the number 0.
  package var interfaces: [Interface]
  package var subnets: [Subnet]
  package var profiles: [Profile]
  package var machines: [Machine]
  package var defaultProfile: Catalog.DefaultProfile
  package var scripts: [Script]
  package var keys: [SSHKey]
  package var secrets: [Secret]
  /// `{{values.…}}` of all machines.
  package var values: [String: String]
  /// What is asked for by name.
  var names: NameSettings
  /// What we show by TLS; at most one for each kind of key.
  package var certificates: [ServerCertificate]
  /// SHA-256 of the authority's certificate that iPXE is to trust; empty: none.
  package var trust: [UInt8]
  /// All that has a name, of files and applied.
  package var objects: ObjectIndex
  /// What an operator should know and what stops nothing, by position.
  package var warnings: [Mistake]
  /// What all of it was read from.
  package var sources: ConfigurationSources

  /// The catalog that it describes, with the loaders that are installed.
  package func catalog(generation: UInt64, loaders: [Loader]) -> Catalog {
    let interfaces = interfaces.map {
      var interface = $0
      if names.areConfigured { interface.dnsIsByDefault = false }
      return interface
    }
    return Catalog(
      generation: generation, site: site, interfaces: interfaces, subnets: subnets,
      profiles: profiles, machines: machines, defaultProfile: defaultProfile, loaders: loaders,
      zones: zones(generation: generation), forwarders: names.forwarders, trust: trust,
      scripts: scripts, keys: keys, secrets: secrets, values: values)
  }

  /// `2 interfaces, 1 subnet, 3 profiles, 1 machine`.
  package var summary: String {
    func count(_ count: Int, _ noun: String) -> String {
      "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return [
      count(interfaces.count, "interface"), count(subnets.count, "subnet"),
      count(profiles.count, "profile"), count(machines.count, "machine"),
    ].joined(separator: ", ")
  }
}

/// Why a configuration cannot be used: all its mistakes, sorted, and its warnings.
package struct ConfigurationMistakes: Error, Hashable, Sendable {
  package var mistakes: [Mistake]
  package var warnings: [Mistake]
}

extension ConfigurationMistakes: CustomStringConvertible {
  /// One line each, as compilers print them.
  package var description: String {
    mistakes.map(\.description).joined(separator: "\n")
  }
}

extension Mistake {
  /// As ``description``, for what stops nothing.
  package var warning: String { "\(place): warning: \(text)" }
}
