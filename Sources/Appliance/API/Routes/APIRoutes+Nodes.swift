import Boot
import EventLoop
import Network
import Services
import Wire

// Installed machines, and how their keys are told.
extension APIRoutes {
  var nodeRoutes: [APIRoute] { [list, node, forget, trust, hostKey, knownHosts, fingerprints] }

  private static let nodePath = "/nodes/{name}"

  private var node: APIRoute {
    APIRoute(
      method: .get, path: Self.nodePath, role: .reader, summary: "An installed machine.",
      response: .json(Schema.reference("Node")),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        try .json(NodeReport(try appliance.node(request), appliance.text))
      })
  }

  private var forget: APIRoute {
    APIRoute(
      method: .delete, path: Self.nodePath, role: .operator,
      summary: "Forgets a node; its keys are pinned no more.", response: .nothing,
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let node = try appliance.node(request)
        let outcome = appliance.dhcp.nodes.forget(node.name)
        appliance.take(outcome) { isKept in respond(isKept ? .nothing : Self.unkept) }
      })
  }

  private var trust: APIRoute {
    APIRoute(
      method: .post, path: Self.nodePath + "/trust", role: .operator,
      summary: "Pins the host keys that its last installation reported.",
      response: .json(Schema.reference("Node")),
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        let node = try appliance.node(request)
        let outcome = appliance.dhcp.nodes.trust(node.name)
        appliance.take(outcome) { isKept in
          respond(isKept ? appliance.nodeResponse(request) : Self.unkept)
        }
      })
  }

  private var hostKey: APIRoute {
    APIRoute(
      method: .post, path: "/machines/{name}/host-keys", role: .admin,
      summary: "Makes the machine's SSH host key in advance, and pins its public half.",
      response: .json(Schema.object(["hostKey": Schema.text])),
      problems: [.conflict, .internalError],
      answer: .later { [unowned appliance] request, respond throws(APIRefusal) in
        _ = try appliance.machineReport(request)
        let author = ObjectEdit.Author(request.principal.name, site: request.principal.site)
        appliance.makeHostKey(for: request["name"], by: author) { result in
          respond(EditReport.hostKey(result))
        }
      })
  }

  private var knownHosts: APIRoute {
    text("/known_hosts", "The nodes' host keys, as sshd(8) has known_hosts.") { site in
      appliance.knownHosts(site: site)
    }
  }

  private var fingerprints: APIRoute {
    text("/sshfp", "The nodes' host keys as DNS records (RFC 4255).") { site in
      appliance.fingerprintRecords(site: site)
    }
  }

  private var list: APIRoute {
    APIRoute(
      method: .get, path: "/nodes", role: .reader,
      summary: "The installed machines, sorted by name.",
      query: Self.page + [APIParameter("site", Schema.name, "Only those of this site.")],
      response: .json(Schema.page(of: Schema.reference("Node"))),
      answer: .now { [unowned appliance] request throws(APIRefusal) in
        let limit = try Self.limit(request)
        let site = try Self.site(request)
        let after = request.value("after") ?? ""
        let found = appliance.dhcp.nodes.all.filter {
          $0.name > after && request.principal.sees($0.site) && (site == nil || $0.site == site)
        }
        return try .json(
          NodeReport.Page(
            items: found.prefix(limit).map { NodeReport($0, appliance.text) },
            next: found.count > limit ? found[limit - 1].name : nil))
      })
  }

  /// A text made of the nodes of a site; nil: of all.
  private func text(
    _ path: String, _ summary: String, _ make: @escaping (String?) -> String
  ) -> APIRoute {
    APIRoute(
      method: .get, path: path, role: .reader, summary: summary,
      query: [APIParameter("site", Schema.name, "Only those of this site.")],
      response: .text(.plainText),
      answer: .now { request throws(APIRefusal) in
        let site = try Self.site(request)
        guard site == nil || request.principal.sees(site) else { return .text("") }
        return .text(make(site ?? request.principal.site))
      })
  }

  static var unkept: APIResponse {
    APIResponse(.later(.unavailable, 5, "the disk did not take it"))
  }
}

extension Appliance {
  func nodeResponse(_ request: APIRequest) -> APIResponse {
    do throws(APIRefusal) { return try .json(NodeReport(try node(request), text)) } catch {
      return APIResponse(error)
    }
  }

  /// The node that the request names, if the principal sees it.
  func node(_ request: APIRequest) throws(APIRefusal) -> ProvisionedNode {
    guard let node = dhcp.nodes[request["name"]], request.principal.sees(node.site) else {
      throw .missing("the node \(Escaped(request["name"]))")
    }
    return node
  }
}
