import Appliance
import EventLoop

/// What happened on the appliance, oldest first, without a gap and without anything twice.
struct EventFeed {
  private let api: APIOptions
  private let machine: String?
  /// The last event that was given; nil: from the first that the appliance remembers.
  private(set) var last: String?

  init(_ api: APIOptions, since id: String?, machine: String? = nil) {
    self.api = api
    self.machine = machine
    last = id
  }

  /// A page of what is new since the last call; `isLast` when nothing came after it.
  mutating func next() throws -> (events: [AnswerValue], isLast: Bool) {
    let answer = try api.call(
      "GET", ["events"], query: [("since", last), ("machine", machine), ("limit", Self.pageSize)],
      headers: [("Accept", "application/json")]
    ).value()
    if last != nil, answer["gap"].isTrue { EventGap.tell() }
    let next = answer["next"].text ?? answer["items"].items.last?["id"].text
    let isLast = next == nil || next == last
    last = next ?? last
    return (answer["items"].items, isLast)
  }

  private static let pageSize = "1000"

  /// The newest event's id; nil when there is none.
  static func latest(_ api: APIOptions) throws -> String? {
    var feed = EventFeed(api, since: nil)
    while try !feed.next().isLast {}
    return feed.last
  }
}

/// That the appliance has forgotten events that were asked for.
enum EventGap {
  static func tell() {
    StandardError.write(
      line: "bootwire: the appliance no longer has some of the events before these")
  }
}
