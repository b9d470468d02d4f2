import Boot
import Network
import Wire

// What the appliance does and has seen.
extension APIRoutes {
  var stateRoutes: [APIRoute] { [status, reload, configuration] + leaseRoutes + timelineRoutes }

  private var status: APIRoute {
    APIRoute(
      method: .get, path: "/status", role: .reader, summary: "What the appliance does.",
      response: .json(Schema.reference("Status")),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        try .json(appliance.status(for: request.principal))
      })
  }

  private var reload: APIRoute {
    APIRoute(
      method: .post, path: "/reload", role: .operator, isOfAppliance: true,
      summary: "Reads the configuration again; a bad one changes nothing.",
      response: .json(Schema.reference("Status")), problems: [.unprocessable],
      answer: .later { [unowned appliance] _, respond throws(APIRefusal) in
        appliance.reload { mistakes in
          do throws(APIRefusal) {
            if let mistakes { throw APIRefusal(.unprocessable, mistakes) }
            respond(try .json(appliance.status))
          } catch {
            respond(APIResponse(error))
          }
        }
      })
  }

  private var configuration: APIRoute {
    APIRoute(
      method: .get, path: "/configuration", role: .reader, isOfAppliance: true,
      summary: "The whole configuration in force, secrets without their values.",
      response: .json(Schema.reference("Configuration")),
      answer: .later { [unowned appliance] _, respond throws(APIRefusal) in
        appliance.runningConfiguration { running in
          Result { () throws(APIRefusal) in try APIResponse.octets(of: running) }
        } then: { octets in
          do throws(APIRefusal) {
            guard let octets else { throw .missing("a configuration of files") }
            respond(APIResponse(body: try octets.get()))
          } catch {
            respond(APIResponse(error))
          }
        }
      })
  }

  private var leaseRoutes: [APIRoute] {
    let schema = Schema.list(of: Schema.reference("Lease"))
    return [
      APIRoute(
        method: .get, path: "/leases", role: .reader, summary: "The leases in force.",
        response: .json(schema),
        answer: .now { [unowned appliance] request throws(APIRefusal) in
          try .json(appliance.leaseReports(for: request.principal))
        }),
      APIRoute(
        method: .post, path: "/leases/{address}/release", role: .operator,
        summary: "Ends a lease, as if its machine had released it.", response: .json(schema),
        answer: .now { [unowned appliance] request throws(APIRefusal) in
          let text = request["address"]
          guard let address = IPv4Address(text) else {
            throw APIRefusal(.badRequest, "\(Escaped(text)) is no IPv4 address")
          }
          let principal = request.principal
          let isSeen = principal.site.map { appliance.site(ofLease: address) == $0 } ?? true
          guard isSeen, appliance.release(address) else {
            throw APIRefusal(.notFound, "\(address) is not leased")
          }
          return try .json(appliance.leaseReports(for: principal))
        }),
    ]
  }

  private var timelineRoutes: [APIRoute] {
    [
      APIRoute(
        method: .get, path: "/timeline", role: .reader,
        summary: "All machines that were seen, a line for each.",
        response: .json(Schema.list(of: Schema.reference("Summary"))),
        answer: .now { [unowned appliance] request throws(APIRefusal) in
          try .json(appliance.timelineSummaries(for: request.principal))
        }),
      APIRoute(
        method: .get, path: "/timeline/{machine}", role: .reader,
        summary: "What happened to a machine, step by step.",
        response: .json(Schema.reference("Timeline")),
        answer: .now { [unowned appliance] request throws(APIRefusal) in
          let machine = request["machine"]
          guard appliance.isSeen(machine, by: request.principal),
            let report = appliance.timelineReport(of: machine)
          else { throw APIRefusal(.notFound, "no machine \(Escaped(machine)) was seen") }
          return try .json(report)
        }),
      explain("/explain/{machine}"), explain("/explain/{machine}/{firmware}"),
    ]
  }

  private func explain(_ path: String) -> APIRoute {
    APIRoute(
      method: .get, path: path, role: .reader,
      summary: "What a machine would be told if it asked now, and why.",
      response: .json(Schema.anything),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        let machine = request["machine"]
        guard appliance.isSeen(machine, by: request.principal),
          let explanation = appliance.explanation(
            of: machine, as: request.parameters["firmware"])
        else {
          throw APIRefusal(
            .notFound,
            "\(Escaped(machine)) was not seen since the start: boot it, or say --config FILE to"
              + " hear what a configuration would tell it")
        }
        return try .json(explanation)
      })
  }
}
