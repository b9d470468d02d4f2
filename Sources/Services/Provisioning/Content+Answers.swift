import Boot
import Network

/// What an installer fetches beside its kernel.
enum AnswerFile {
  case answer(String)
  case hooks(Hook.When)

  /// As events name it, and as it is remembered to be given.
  var name: String {
    switch self {
    case .answer(let file): "answers/\(file)"
    case .hooks(let when): "hooks/\(when.rawValue)"
    }
  }
}

extension DHCPService {
  /// An answer or the hooks of a profile. Those of one that installs are had by its token only,
  /// from the machine that it was given to; who bears no such token hears that there is no such
  /// file.
  mutating func answer(
    _ file: AnswerFile, of bearer: Resource.Bearer, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Content {
    switch bearer {
    case .name(let name): return answer(file, named: name, inquiry, reasons: &reasons)
    case .token(let token): return answer(file, bearing: token, inquiry)
    }
  }

  private func answer(
    _ file: AnswerFile, named name: String, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Content {
    guard
      let sighting = sighting(
        named: name, for: inquiry.arrival, inquiry.catalog, at: inquiry.time)
    else { return .missing }
    let decision = inquiry.catalog.decide(
      for: sighting, on: inquiry.subnet, provisions: provisions, reasons: &reasons)
    guard decision.instruction != .ignore, let profile = decision.profile else { return .missing }
    guard profile.install == nil else {
      return .refused(refused(.named, file.name, of: name, inquiry))
    }
    let variables = variables(sighting, Admission(decision), inquiry)
    guard let octets = profile.rendered(file, variables) else { return .missing }
    return .text(RenderedText(octets, rendered(file, profile, octets.count, sighting, inquiry)))
  }

  private mutating func answer(
    _ file: AnswerFile, bearing token: BootToken, _ inquiry: Inquiry
  ) -> Content {
    guard let provision = provisions.provision(bearing: token), let arming = provision.arming
    else { return .refused(refused(.unknownToken, file.name, of: "", inquiry)) }
    let name = provision.machine
    do throws(AnswerRefusal) {
      if let refusal = refusal(of: inquiry, bearing: provision) { throw refusal }
      guard let sighting = sighting(at: inquiry.address, at: inquiry.time),
        let profile = inquiry.catalog.profile(named: arming.profile), profile.install != nil
      else { throw .noSuchFile }
      let holdsSecrets = profile.holdsSecrets(file)
      if holdsSecrets, inquiry.isByTFTP { throw .byTFTP }
      let decision = Decision(
        installing: profile, on: inquiry.catalog.machine(named: name), provision)
      let variables = inquiry.catalog.variables(
        for: sighting, decision, at: inquiry.address,
        server: server(inquiry.arrival, inquiry.catalog), provision: provision, token: token)
      // Before it counts as given: what cannot be made is not spent.
      guard let octets = profile.rendered(file, variables) else { throw .noSuchFile }
      let outcome = try provisions.release(
        file.name, holdsSecrets: holdsSecrets, of: name, at: inquiry.time)
      return .text(
        RenderedText(
          octets, rendered(file, profile, octets.count, sighting, inquiry), outcome))
    } catch {
      return .refused(refused(error, file.name, of: name, inquiry))
    }
  }

  private func rendered(
    _ file: AnswerFile, _ profile: Profile, _ byteCount: Int, _ sighting: Sighting,
    _ inquiry: Inquiry
  ) -> Event {
    Event(
      .answerRendered(profile: profile.name, file: file.name, byteCount: byteCount),
      macAddress: sighting.knownAddress, address: inquiry.address)
  }

  /// A script of the catalog that a main script chains to, under the same conditions as that one.
  mutating func subScript(
    _ name: String, of bearer: Resource.Bearer, _ inquiry: Inquiry, reasons: inout [Reason]
  ) -> Content {
    let file = "scripts/\(name)"
    let machine: String
    switch bearer {
    case .name(let name): machine = name
    case .token(let token):
      guard let provision = provisions.provision(bearing: token) else {
        return .refused(refused(.unknownToken, file, of: "", inquiry))
      }
      if let refusal = refusal(of: inquiry, bearing: provision) {
        return .refused(refused(refusal, file, of: provision.machine, inquiry))
      }
      machine = provision.machine
    }
    guard
      var sighting = sighting(
        named: machine, for: inquiry.arrival, inquiry.catalog, at: inquiry.time),
      sighting.knownAddress != nil
    else { return .missing }
    sighting.firmware = Firmware(kind: .ipxe, architecture: sighting.architecture)
    // What was chosen of a menu, it was bound to.
    let chosen = provisions[machine]?.arming?.profile
    let admission = admit(
      sighting, chosen, inquiry, file, isNewBoot: false, reasons: &reasons)
    if let refusal = admission.refusal {
      return .refused(refused(refusal, file, of: machine, inquiry))
    }
    let decision = admission.decision
    guard decision.instruction != .ignore,
      let template = inquiry.catalog.script(
        named: name, for: sighting, on: inquiry.subnet, machine: decision.machine),
      !template.holdsSecrets
    else { return .missing }
    let variables = variables(sighting, admission, inquiry)
    var octets: [UInt8] = []
    guard template.missingValues(in: variables.values).isEmpty,
      template.render(variables, into: &octets)
    else { return .missing }
    return .text(
      RenderedText(
        octets,
        Event(
          .scriptRendered(profile: decision.profile?.name ?? "-", byteCount: octets.count),
          macAddress: sighting.knownAddress, address: inquiry.address),
        admission.outcome))
  }
}

extension Profile {
  fileprivate func holdsSecrets(_ file: AnswerFile) -> Bool {
    switch file {
    case .answer(let name): answers[name]?.holdsSecrets ?? false
    case .hooks(let when): HookScript(hooks, when).holdsSecrets
    }
  }

  /// nil when there is no such file, or it cannot be made whole.
  fileprivate func rendered(_ file: AnswerFile, _ variables: Variables) -> [UInt8]? {
    var octets: [UInt8] = []
    switch file {
    case .answer(let name):
      guard let template = answers[name], template.missingValues(in: variables.values).isEmpty,
        template.missingSecrets(in: variables.secrets, values: variables.values).isEmpty,
        template.render(variables, into: &octets)
      else { return nil }
    case .hooks(let when):
      let script = HookScript(hooks, when)
      guard script.missingValues(in: variables.values).isEmpty,
        script.missingSecrets(variables).isEmpty, script.render(variables, into: &octets)
      else { return nil }
    }
    return octets
  }
}
