import Boot

// What several routes speak of, by the names of the reports that they are.
extension Schema {
  static let components: [String: JSON] = [
    "Problem": object(
      ["title": text, "status": integer, "type": text],
      optional: ["detail": text, "errors": list(of: place)]),
    "Status": object([
      "version": text, "site": text, "generation": count, "started": time,
      "interfaces": list(of: interface), "leases": count, "transfers": count, "connections": count,
      "machines": count, "events": ["type": "object", "additionalProperties": count],
    ]),
    "Configuration": object([
      "generation": count, "folder": text, "files": list(of: object(["name": text, "text": text])),
      "templates": texts, "applied": text,
    ]),
    "Lease": object(
      ["address": text, "client": text, "expires": time, "secondsLeft": integer],
      optional: ["machine": text, "hostName": text]),
    "Summary": object(
      ["mac": text, "entries": count, "first": time, "last": time, "event": text],
      optional: ["name": text]),
    "Timeline": object(["mac": text, "entries": list(of: entry)], optional: ["name": text]),
    "Object": object(
      [
        "kind": choice(ObjectKind.allCases.map(\.rawValue)), "name": text, "labels": texts,
        "origin": origin, "spec": anything,
      ], optional: ["site": text]),
    "Change": object(
      [
        "kind": choice(ObjectKind.allCases.map(\.rawValue)), "name": text,
        "change": choice(ObjectChange.Verb.allCases.map(\.rawValue)), "diff": text,
      ], optional: ["site": text]),
    "Outcome": object([
      "generation": count, "changes": list(of: reference("Change")), "warnings": list(of: place),
    ]),
    "Generation": object(["number": count, "time": time, "author": text, "note": text]),
    "Provision": object(
      [
        "machine": text, "site": text, "state": choice(ProvisionState.allCases.map(\.rawValue)),
        "cause": text, "facts": texts,
      ],
      optional: [
        "mac": text, "since": time, "profile": text, "expires": time,
        "history": list(of: object(["time": time, "state": text, "cause": text])),
      ]),
    "Node": object(
      [
        "name": text, "site": text, "machine": text, "hostname": text,
        "addresses": list(of: text), "hostKeys": list(of: text),
        "pendingHostKeys": list(of: text), "os": text, "facts": texts, "installed": time,
        "reachable": object(
          ["state": choice(["unknown", "reachable", "unreachable"])], optional: ["time": time]),
      ], optional: ["mac": text]),
    "Token": object(
      [
        "id": text, "name": text, "role": choice(Role.allCases.map(\.rawValue)), "created": time,
      ], optional: ["site": text, "expires": time, "lastUsed": time]),
    "Event": object(
      ["id": count, "time": time, "event": text, "fields": anything],
      optional: ["machine": text, "mac": text, "address": text]),
  ]

  private static let place = object([
    "file": text, "line": count, "column": count, "text": text,
  ])

  private static let interface = object(
    ["name": text, "dhcp": text, "tftp": flag, "isServed": flag],
    optional: ["http": range(1...65_535)])

  private static let entry = object([
    "time": time, "seconds": number, "event": text, "fields": list(of: text),
  ])

  private static let origin: JSON = [
    "oneOf": [object(["file": text, "line": count]), object(["generation": count])]
  ]
}
