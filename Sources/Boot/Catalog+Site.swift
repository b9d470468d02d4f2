extension Catalog {
  /// Whose machine it is: its own site, else its subnet's, else the appliance's.
  package func site(of machine: Machine?, on subnet: Subnet?) -> String {
    machine?.site ?? subnet?.site ?? site
  }

  /// `{{values.…}}`: the machine's own over its profile's over the configuration's.
  package func values(of machine: Machine?, _ profile: Profile?) -> [String: String] {
    var values = values
    if let profile { values.merge(profile.values) { _, own in own } }
    if let machine { values.merge(machine.values) { _, own in own } }
    return values
  }

  /// The text that the script `name` has for a machine: of the variants that match, the most
  /// specific one; without any, its own text. nil for a script of another site, too.
  package func script(
    named name: String, for sighting: Sighting, on subnet: Subnet?, machine: Machine?
  ) -> Template? {
    guard let script = script(named: name) else { return nil }
    let site = site(of: machine, on: subnet)
    guard script.site == nil || script.site == site else { return nil }
    var best: Script.Variant?
    for variant in script.variants
    where variant.match.specificity > (best?.match.specificity ?? 0)
      && variant.match.holds(for: sighting, subnet: subnet, machine: machine, site: site)
    {
      best = variant
    }
    return best?.template ?? script.template
  }

  /// The profile with the text of the script that it names by ``Profile/Boot/scriptNamed(_:)``.
  /// Whoever boots a profile otherwise than by ``decide``, as from a menu, asks here.
  package func resolved(
    _ profile: Profile, for sighting: Sighting, on subnet: Subnet?, machine: Machine?
  ) -> Profile {
    guard case .scriptNamed(let name) = profile.boot,
      let template = script(named: name, for: sighting, on: subnet, machine: machine)
    else { return profile }
    var profile = profile
    profile.boot = .script(template)
    return profile
  }
}
