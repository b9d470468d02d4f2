import Boot
import EventLoop
import Foundation
import Network
import Services
import Testing

@testable import Appliance

/// Two sites in one catalog, and a token for each.
@Suite("Sites", .serialized) struct SiteTests {
  private static let sites = ["nbg1", "fra1"]
  private static let canary = "canary-"

  private static func address(_ site: String) -> MACAddress {
    MACAddress(0x52, 0x54, 0, 0, 0, site == "nbg1" ? 1 : 2)
  }

  private static func bench() throws -> APIBench {
    let bench = try APIBench { generation in
      Catalog(
        generation: generation, site: "nbg1",
        machines: sites.map {
          Machine(name: "\(canary)machine-\($0)", macAddress: address($0), site: $0)
        })
    }
    for site in sites {
      for role in Role.allCases { try bench.add("\(role.rawValue)-\(site)", role, site: site) }
    }
    try bench.add("admin", .admin)
    var objects: [CatalogObject] = []
    for kind in ObjectKind.allCases {
      objects.append(
        CatalogObject(
          kind: kind, name: "shared", site: kind.belongsToOneSite ? "nbg1" : nil, labels: [:],
          origin: .generation(1), spec: "{}"))
      for site in sites {
        objects.append(
          CatalogObject(
            kind: kind, name: "\(canary)\(kind.singular)-\(site)", site: site, labels: [:],
            origin: .generation(1), spec: "{\"site\":\"\(site)\"}"))
      }
    }
    bench.appliance.editor.objects = ObjectIndex(objects)
    for site in sites {
      bench.appliance.dhcp.nodes.restore(
        ProvisionedNode(
          name: "\(canary)node-\(site)", site: site, hostName: "\(canary)node-\(site)",
          addresses: [IPv4Address(10, 9, 0, site == "nbg1" ? 1 : 2)],
          hostKeys: [HostKey(algorithm: "ssh-ed25519", encoded: "AAAA\(site)")],
          installed: bench.appliance.loop.now))
      bench.appliance.dhcp.provisions.restore(
        Provision(
          machine: address(site).dashed, site: site, macAddress: address(site),
          state: .discovered, since: bench.appliance.loop.now, cause: "\(canary)found-\(site)"))
      bench.appliance.record(
        Event(.machineReported(text: "\(canary)event-\(site)"), macAddress: address(site)))
      bench.appliance.dhcp.restore(
        Lease(
          address: IPv4Address(10, 9, 0, site == "nbg1" ? 1 : 2),
          client: .hardware(address(site)), expiry: bench.appliance.loop.now + .seconds(600),
          hostName: Array("\(canary)host-\(site)".utf8)))
    }
    return bench
  }

  /// Done when 4: neither sees the other's keys, tokens, nodes, machines, secrets and events.
  @Test func twoSitesDoNotSeeEachOther() throws {
    let bench = try Self.bench()
    let lists =
      ObjectKind.allCases.map(\.rawValue)
      + ["leases", "timeline", "events", "status", "export", "openapi.json"]
      + (bench.hasNodes ? ["nodes", "discovered", "known_hosts", "sshfp"] : [])
    try bench.run { asker in
      for (site, other) in [("nbg1", "fra1"), ("fra1", "nbg1")] {
        var seen = ""
        for path in lists {
          let answer = try asker.ask("reader-\(site)", "GET", path)
          #expect(answer.status == 200, "\(path): \(answer.text)")
          seen += answer.text
          let asked = try asker.ask("reader-\(site)", "GET", path, query: [("site", other)])
          if asked.status == 200 { seen += asked.text }
        }
        #expect(!seen.contains("-\(other)"))
        for word in ["key", "secret", "machine", "profile", "event", "host", "node", "found"] {
          #expect(seen.contains("\(Self.canary)\(word)-\(site)"), "\(word) of \(site)")
        }
        #expect(!seen.contains("appliance.started"))
        for kind in ObjectKind.allCases {
          let own = try asker.ask(
            "reader-\(site)", "GET", "\(kind.rawValue)/\(Self.canary)\(kind.singular)-\(site)")
          #expect(own.status == 200)
          let path = "\(kind.rawValue)/\(Self.canary)\(kind.singular)-\(other)"
          for (method, body) in [("GET", nil), ("DELETE", nil)] as [(String, String?)] {
            let answer = try asker.ask("admin-\(site)", method, path, body: body)
            #expect(answer.status == 404 && !answer.text.contains("site\":"))
          }
          #expect(
            try asker.ask("admin-\(site)", "PUT", path, body: #"{"spec":{}}"#).status == 409)
        }
        for path in [
          "timeline/\(Self.canary)machine-\(other)", "explain/\(Self.canary)machine-\(other)",
        ] {
          #expect(try asker.ask("admin-\(site)", "GET", path).status == 404)
        }
        for (method, path) in [
          ("GET", "nodes/\(Self.canary)node-\(other)"),
          ("DELETE", "nodes/\(Self.canary)node-\(other)"),
          ("POST", "nodes/\(Self.canary)node-\(other)/trust"),
          ("GET", "machines/\(Self.canary)machine-\(other)/provision"),
          ("POST", "machines/\(Self.canary)machine-\(other)/arm"),
          ("POST", "machines/\(Self.canary)machine-\(other)/disarm"),
        ] {
          #expect(try asker.ask("admin-\(site)", method, path).status == 404)
        }
        #expect(
          try asker.ask(
            "admin-\(site)", "POST", "discovered/\(Self.address(other))/approve",
            body: #"{"name":"stolen"}"#
          ).status == 404)
        let released = "leases/10.9.0.\(site == "nbg1" ? 2 : 1)/release"
        #expect(try asker.ask("admin-\(site)", "POST", released).status == 404)
      }
    }
  }

  @Test func whatIsTheAppliancesIsNotForATokenOfOneSite() throws {
    let bench = try Self.bench()
    try bench.run { asker in
      for (method, path) in [
        ("GET", "tokens"), ("POST", "tokens"), ("DELETE", "tokens/a"), ("POST", "reload"),
        ("GET", "generations"), ("POST", "generations/1/rollback"),
      ] {
        let body = path == "tokens" && method == "POST" ? "{}" : nil
        #expect(try asker.ask("admin-nbg1", method, path, body: body).status == 403)
      }
      let status = try asker.ask("reader-fra1", "GET", "status")
      #expect((status.json["events"] as? [String: Any])?.isEmpty == true)
      #expect(status.json["leases"] as? Int == 1)
      #expect(try asker.ask("admin", "GET", "tokens").status == 200)
    }
  }

  @Test func aStreamHasTheEventsOfItsSiteOnly() throws {
    let bench = try Self.bench()
    try bench.run { asker in
      var text = ""
      try asker.client("reader-fra1").follow(
        APIQuestion(
          "GET", ["events"], query: [("since", "0")], fields: [("Accept", "text/event-stream")])
      ) { line in
        text += line + "\n"
        return !line.isEmpty
      }
      #expect(text.contains("\(Self.canary)event-fra1") && !text.contains("nbg1"))
    }
  }

  @Test func listsArePagedAndChosenByLabel() throws {
    let bench = try APIBench()
    let objects = ObjectIndex(
      (0..<250).map { number in
        CatalogObject(
          kind: .machines, name: "m\(1_000 + number)", site: "here",
          labels: ["rack": "\(number % 5)"], origin: .file("a.yaml", line: number), spec: "{}")
      })
    bench.appliance.editor.objects = objects
    try bench.run { asker in
      var names: [String] = []
      var after: String?
      repeat {
        let query = [(name: "limit", value: "100")] + (after.map { [("after", $0)] } ?? [])
        let page = try asker.ask("control", "GET", "machines", query: query)
        let items = try #require(page.json["items"] as? [[String: Any]])
        #expect(items.count <= 100)
        names += items.compactMap { $0["name"] as? String }
        after = page.json["next"] as? String
      } while after != nil
      #expect(names == (0..<250).map { "m\(1_000 + $0)" })
      let rack = try asker.ask("control", "GET", "machines", query: [("label", "rack=3")])
      #expect((rack.json["items"] as? [Any])?.count == 50)
      for query in [("limit", "0"), ("limit", "1001"), ("label", "rack"), ("x", "y")] {
        #expect(try asker.ask("control", "GET", "machines", query: [query]).status == 400)
      }
      let one = try asker.ask("control", "GET", "machines/m1007")
      let tag = try #require(one.fields["etag"])
      let again = try asker.ask(
        "control", "GET", "machines/m1007", fields: [("If-None-Match", tag)])
      #expect(again.status == 304 && again.body.isEmpty)
    }
  }
}

extension APIBench {
  var hasNodes: Bool {
    appliance.api?.router.routes.contains { $0.path == "/nodes" } ?? false
  }
}
