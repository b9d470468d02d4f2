import Boot
import EventLoop
import Network
import Services
import Wire
import YAML

/// What a machine that showed itself is to be.
private struct Approval {
  var name: String
  var profile: String?
  var site: String?
  var labels: [String: String] = [:]
  var isArmed = false

  init?(_ fields: Fields) {
    guard let name = fields.required("name", of: "an approval")?.identifier() else { return nil }
    self.name = name
    profile = fields["profile"]?.identifier()
    site = fields["site"]?.identifier()
    isArmed = fields["arm"]?.bool() ?? false
    for entry in fields["labels"].flatMap({ Fields.entries(of: $0, "labels") }) ?? [] {
      let value = Value(
        node: entry.value, file: fields.value.file, findings: fields.value.findings)
      if let text = value.text("a text") { labels[entry.key] = text }
    }
  }

  /// As it stands below a machine's name in a file.
  func spec(of address: MACAddress) -> Node {
    let place = Position(line: 1, column: 1)
    func entry(_ key: String, _ value: Node) -> Node.Entry {
      Node.Entry(key: key, position: place, value: value)
    }
    func text(_ text: String) -> Node { Node(.scalar(text, isPlain: false), at: place) }
    var entries = [entry("mac", text("\(address)"))]
    if let profile { entries.append(entry("profile", text(profile))) }
    if let site { entries.append(entry("site", text(site))) }
    if !labels.isEmpty {
      let labels = labels.sorted { $0.key < $1.key }.map { entry($0.key, text($0.value)) }
      entries.append(entry("labels", Node(.mapping(labels), at: place)))
    }
    return Node(.mapping(entries), at: place)
  }
}

extension Appliance {
  /// Makes the machine's object and gives its name to what showed itself, both or neither, then arms
  /// it if asked.
  func approve(
    _ request: APIRequest, _ respond: @escaping (APIResponse) -> Void
  ) throws(APIRefusal) {
    let text = request["mac"]
    guard let address = MACAddress(text), let known = dhcp.provisions[address.dashed],
      known.state == .discovered, request.principal.sees(known.site)
    else { throw .missing("a discovered machine \(Escaped(text))") }
    let keys = ["name", "profile", "site", "labels", "arm"]
    var approval = try request.fields(keys) { Approval($0) }
    // Without a word it stays where it was seen, which a token of one site cannot change.
    let site = approval.site ?? known.site
    guard request.principal.mayWrite(site) else {
      throw APIRefusal(.forbidden, "the token is of another site than \(site)")
    }
    approval.site = site
    guard editor.objects[.machines, approval.name] == nil else {
      throw APIRefusal(.conflict, "there is a machine of the name \(approval.name)")
    }
    let wanted = approval
    let (now, author) = (loop.now, request.principal.name)
    // What it will come to, for the one transaction; it is so only when the object is in force.
    var copy = dhcp.provisions
    let planned = copy.approve(address, as: wanted.name, site: site, author, at: now)
    let change = ObjectEdit.Change.put(.machines, wanted.name, wanted.spec(of: address))
    edit(change, request, with: planned.changes) { [unowned self] result in
      if case .failure(let refusal) = result { return respond(APIResponse(APIRefusal(refusal))) }
      // Kept once more, for something may have become of the machine meanwhile.
      let outcome = dhcp.approve(address, as: wanted.name, author, catalog, at: now)
      do throws(APIRefusal) {
        guard wanted.isArmed else {
          return try finish(outcome, request, name: wanted.name, respond)
        }
        take(outcome) { _ in }
        try arm(wanted.name, for: nil, request, respond)
      } catch { respond(APIResponse(error)) }
    }
  }
}
