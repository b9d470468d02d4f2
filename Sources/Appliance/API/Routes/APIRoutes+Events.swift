import Boot
import Wire

// What happened, as a list and as it happens.
extension APIRoutes {
  var eventRoutes: [APIRoute] {
    [
      APIRoute(
        method: .get, path: "/events", role: .reader,
        summary: "What happened, the oldest first; as text/event-stream it goes on.",
        query: [
          APIParameter(
            "since", Schema.count,
            "Those after this one; 0: from the oldest that is kept. A stream without it begins now."
          ),
          APIParameter("machine", Schema.text, "Only those of this machine."),
          APIParameter("limit", Schema.range(1...1_000), "The most of a list, 100 if not given."),
        ],
        response: .json(
          Schema.object([
            "items": Schema.list(of: Schema.reference("Event")), "next": Schema.count,
            "gap": Schema.flag,
          ])),
        answer: .events { [unowned appliance] request throws(APIRefusal) in
          try appliance.eventSelection(request)
        })
    ]
  }
}

extension Appliance {
  func eventSelection(_ request: APIRequest) throws(APIRefusal) -> EventSelection {
    var selection = EventSelection(site: request.principal.site)
    selection.limit = try APIRoutes.limit(request)
    selection.since = try request.number("since", in: 0...Int.max).map { UInt64($0) }
    // What a client that comes again has seen last counts more than what it was told to ask.
    if let text = request.lastEvent {
      guard let last: UInt64 = Value.integer(text) else {
        throw APIRefusal(.badRequest, "\(Escaped(text)) is no event's id")
      }
      selection.since = last
    }
    guard let machine = request.value("machine") else { return selection }
    guard let address = macAddress(of: machine), isSeen(machine, by: request.principal) else {
      throw .missing("the machine \(Escaped(machine))")
    }
    selection.machine = address
    return selection
  }
}
