import Boot
import EventLoop
import Network
import Services
import Wire

// What a machine would get, for the operator to look at.
extension APIRoutes {
  var renderRoute: APIRoute {
    APIRoute(
      method: .get, path: "/machines/{name}/render", role: .operator,
      summary: "Every text that a machine would get; secrets and tokens are masked.",
      query: [
        APIParameter(
          "architecture", Schema.choice(Architecture.allCases.map(\.rawValue)),
          "As what it would ask; as it was seen if not given."),
        APIParameter(
          "firmware", Schema.choice(Firmware.Kind.allCases.map(\.rawValue)),
          "Which program would ask; ipxe if not given."),
      ],
      response: .json(
        Schema.object(
          [
            "machine": Schema.text, "remarks": Schema.list(of: Schema.text),
            "files": Schema.list(
              of: Schema.object(["path": Schema.text, "text": Schema.text])),
          ], optional: ["profile": Schema.text])),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        let architecture = try Self.choice("architecture", request, as: Architecture.self)
        let firmware = try Self.choice("firmware", request, as: Firmware.Kind.self)
        return try .json(
          try appliance.rendering(request, architecture, firmware ?? .ipxe))
      })
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ request: APIRequest, as type: Choice.Type
  ) throws(APIRefusal) -> Choice? where Choice.RawValue == String {
    guard let text = request.value(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw APIRefusal(.badRequest, "\(name) is one of \(names), not \(Escaped(text))")
    }
    return choice
  }
}

/// A rendering as the API tells it.
struct RenderingReport: Encodable {
  var machine: String
  var profile: String?
  var remarks: [String]
  var files: [File]

  struct File: Encodable {
    var path: String
    var text: String
  }
}

extension Appliance {
  func rendering(
    _ request: APIRequest, _ architecture: Architecture?, _ firmware: Firmware.Kind
  ) throws(APIRefusal) -> RenderingReport {
    let name = request["name"]
    guard let machine = catalog.machine(named: name),
      request.principal.sees(site(of: machine))
    else { throw .missing("the machine \(Escaped(name))") }
    let address = machine.macAddress.flatMap { dhcp.leases.address(of: .hardware($0)) }
    let sighting = machine.macAddress.flatMap { dhcp.sightings[$0] }
    let found = catalog.rendering(
      of: machine, at: address, architecture: architecture, firmware: firmware,
      sighting: sighting, facts: dhcp.provisions[name]?.facts ?? [:])
    return RenderingReport(
      machine: name, profile: found.profile, remarks: found.remarks,
      files: found.files.map { RenderingReport.File(path: $0.path, text: $0.text) })
  }
}
