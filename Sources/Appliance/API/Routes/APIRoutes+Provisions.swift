import Boot
import EventLoop
import Network
import Services
import Wire
import YAML

// Machines on their way from bare metal to a node.
extension APIRoutes {
  var provisionRoutes: [APIRoute] { [provision, arm, disarm, forget, discovered, approve] }

  private var provision: APIRoute {
    APIRoute(
      method: .get, path: "/machines/{name}/provision", role: .reader,
      summary: "Where a machine stands, and how it came there.",
      response: .json(Schema.reference("Provision")), problems: [.internalError],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let report = try appliance.machineReport(request)
        appliance.tell(report, respond)
      })
  }

  private var arm: APIRoute {
    APIRoute(
      method: .post, path: "/machines/{name}/arm", role: .operator,
      summary: "Permits one installation.",
      request: Schema.object(
        [:],
        optional: ["expires": ["type": "string", "description": "From now, as 2h, up to 30d."]]),
      isRequestOptional: true, response: .json(Schema.reference("Provision")),
      problems: [.conflict],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let life = try request.fields(["expires"]) { fields in
          Life(
            duration: fields["expires"]?.duration(
              "2h", from: "1m", to: "30d", 60...30 * 86_400))
        }
        _ = try appliance.machineReport(request)
        try appliance.arm(request["name"], for: life.duration, request, respond)
      })
  }

  private var disarm: APIRoute {
    APIRoute(
      method: .post, path: "/machines/{name}/disarm", role: .operator,
      summary: "Takes the permission back; an installation under way counts as failed.",
      response: .json(Schema.reference("Provision")),
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        _ = try appliance.machineReport(request)
        let outcome = appliance.dhcp.provisions.disarm(
          request["name"], request.principal.name, at: appliance.loop.now)
        try appliance.finish(outcome, request, respond)
      })
  }

  private var forget: APIRoute {
    APIRoute(
      method: .delete, path: "/machines/{name}/provision", role: .operator,
      summary: "Forgets where a machine stands, with its history; to first contact it is new.",
      response: .nothing,
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        _ = try appliance.machineReport(request)
        let outcome = appliance.dhcp.provisions.forget(request["name"])
        appliance.take(outcome) { isKept in respond(isKept ? .nothing : Self.unkept) }
      })
  }

  private var discovered: APIRoute {
    APIRoute(
      method: .get, path: "/discovered", role: .reader,
      summary: "The machines that showed themselves, and that nobody named.",
      query: Self.page + [APIParameter("site", Schema.name, "Only those of this site.")],
      response: .json(Schema.page(of: Schema.reference("Provision"))),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        let limit = try Self.limit(request)
        let site = try Self.site(request)
        let after = request.value("after") ?? ""
        let found = appliance.dhcp.provisions.all.filter {
          $0.state == .discovered && $0.machine > after && request.principal.sees($0.site)
            && (site == nil || $0.site == site)
        }
        return try .json(
          MachineReport.Page(
            items: found.prefix(limit).map { MachineReport($0, appliance.text) },
            next: found.count > limit ? found[limit - 1].machine : nil))
      })
  }

  private var approve: APIRoute {
    APIRoute(
      method: .post, path: "/discovered/{mac}/approve", role: .operator,
      summary: "Makes a machine of what showed itself, with the operator's name.",
      request: Schema.object(
        ["name": Schema.name],
        optional: [
          "profile": Schema.name, "site": Schema.name, "labels": Schema.texts, "arm": Schema.flag,
        ]),
      response: .json(Schema.reference("Provision")),
      problems: [.conflict, .preconditionFailed, .internalError],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        try appliance.approve(request, respond)
      })
  }

  private struct Life { var duration: Duration? }
}

extension Appliance {
  /// The machine that the request names, if the principal sees it.
  func machineReport(_ request: APIRequest) throws(APIRefusal) -> MachineReport {
    let name = request["name"]
    var report: MachineReport?
    if let known = dhcp.provisions[name] {
      report = MachineReport(known, text)
      // Its object may have come to another site since it was armed.
      if let machine = catalog.machine(named: name) { report?.site = site(of: machine) }
    } else if let machine = catalog.machine(named: name) {
      report = MachineReport(machine, site: site(of: machine))
    }
    guard let report, request.principal.sees(report.site) else {
      throw .missing("the machine \(Escaped(name))")
    }
    return report
  }

  func site(of machine: Machine) -> String {
    if let address = machine.macAddress { return site(of: address) }
    return machine.site ?? machine.address.flatMap(catalog.subnet(holding:))?.site ?? catalog.site
  }

  /// Tells of a machine with its history.
  func tell(_ report: MachineReport, _ respond: @escaping (APIResponse) -> Void) {
    history(of: report.machine) { [unowned self] result in
      do throws(APIRefusal) {
        var report = report
        switch result {
        case .success(let entries):
          report.history = entries.map {
            MachineReport.Entry(time: text(of: $0.time), state: $0.state.rawValue, cause: $0.cause)
          }
        case .failure(let error):
          throw APIRefusal(.internalError, "the history cannot be read: \(error)")
        }
        respond(try .json(report))
      } catch { respond(APIResponse(error)) }
    }
  }

  func arm(
    _ name: String, for duration: Duration?, _ request: APIRequest,
    _ respond: @escaping (APIResponse) -> Void
  ) throws(APIRefusal) {
    var dice = SystemRandomNumberGenerator()
    let outcome: ProvisionOutcome
    do throws(ArmingRefusal) {
      outcome = try dhcp.arm(
        name, for: duration, request.principal.name, catalog, at: loop.now
      ) { dice.next() }
    } catch {
      switch error {
      case .unknownMachine: throw .missing("the machine \(Escaped(name))")
      case .nothingToInstall(let profile):
        throw APIRefusal(
          .conflict, "its profile \(profile) has no \"install\": it installs nothing")
      case .tooMany:
        throw APIRefusal(.conflict, "too many machines that nobody named are armed or installed")
      }
    }
    try finish(outcome, request, name: name, respond)
  }

  /// Tells what a machine has come to, when that is durable.
  func finish(
    _ outcome: ProvisionOutcome, _ request: APIRequest, name: String? = nil,
    _ respond: @escaping (APIResponse) -> Void
  ) throws(APIRefusal) {
    var request = request
    if let name { request.parameters["name"] = name }
    let asked = request
    take(outcome) { [unowned self] isKept in
      guard isKept else {
        return respond(APIResponse(.later(.unavailable, 5, "the disk did not take it")))
      }
      do throws(APIRefusal) { respond(try .json(try machineReport(asked))) } catch {
        respond(APIResponse(error))
      }
    }
  }
}
