import Boot
import Network

/// Which events somebody wants, and may have.
struct EventSelection {
  /// Those after this one; nil: all for a list, the new ones for a stream.
  var since: UInt64?
  var machine: MACAddress?
  /// Only those of this site's machines; nil: all.
  var site: String?
  /// The most in a list.
  var limit = 100
}

/// An event as the API tells it.
struct EventReport: Encodable {
  var id: UInt64
  var time: String
  var machine: String?
  var mac: String?
  var address: String?
  var event: String
  var fields: JSON

  init(_ entry: EventRing.Entry, id: UInt64, machine: String?) {
    self.id = id
    self.machine = machine
    time = "\(Timestamp(entry.time))"
    mac = entry.event.macAddress.map { "\($0)" }
    address = entry.event.address.map { "\($0)" }
    event = entry.event.fact.name
    var fields: [String: JSON] = [:]
    for field in entry.event.fact.fields {
      switch field.value {
      case .text(let text): fields[field.name] = .string(text)
      case .number(let number): fields[field.name] = .integer(number)
      case .duration(let duration):
        fields[field.name] = .number(Double(duration.nanoseconds / 1000) / 1e6)
      }
    }
    self.fields = .object(fields)
  }
}

/// `GET /events` as a list.
struct EventList: Encodable {
  var items: [EventReport]
  /// What to give as `since` for those that follow.
  var next: UInt64
  /// Whether events between `since` and the first of these are no longer kept.
  var gap: Bool
}

extension APIServer {
  /// The events of a selection, the oldest first.
  func list(_ selection: EventSelection) throws(APIRefusal) -> APIResponse {
    let isKnown = isKnown(selection.since)
    var number = isKnown ? max(events.oldest, (selection.since ?? 0) + 1) : events.oldest
    var items: [EventReport] = []
    while number < events.next, items.count < selection.limit {
      if let report = report(number, selection) { items.append(report) }
      number += 1
    }
    return try .json(EventList(items: items, next: number - 1, gap: !isKnown))
  }

  /// Whether all that followed it is still kept; 0 stands for the beginning of what is kept.
  func isKnown(_ since: UInt64?) -> Bool {
    guard let since, since != 0 else { return true }
    return since >= events.oldest - 1 && since < events.next
  }

  /// The event with this number, if it is of the selection.
  func report(_ number: UInt64, _ selection: EventSelection) -> EventReport? {
    guard let entry = events[number] else { return nil }
    let mac = entry.event.macAddress
    if let machine = selection.machine, machine != mac { return nil }
    if let site = selection.site {
      guard let mac, appliance.site(of: mac) == site else { return nil }
    }
    return EventReport(
      entry, id: number, machine: mac.flatMap { appliance.name(of: .hardware($0)) })
  }
}
