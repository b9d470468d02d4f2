/// Pieces of a whole in the order of the whole, none over another.
struct PlaceList: Sendable {
  private(set) var places: [Place] = []

  var first: Place? { places.first }
  var count: Int { places.count }

  /// Adds what is not there yet and gives back the parts that are: of bytes that come twice the
  /// first count, as TCP receivers do it that have handed them on.
  mutating func insert(_ place: Place) -> [Place] {
    var copies: [Place] = []
    var start = place.start
    var index = firstIndex(endingAfter: start)
    while start < place.end {
      if index < places.count, places[index].start <= start {
        let known = min(places[index].end, place.end)
        if let copy = place.clamped(to: start..<known) { copies.append(copy) }
        start = known
      } else {
        let free = index < places.count ? min(places[index].start, place.end) : place.end
        if let part = place.clamped(to: start..<free) { places.insert(part, at: index) }
        start = free
      }
      index += 1
    }
    return copies
  }

  /// Takes off the pieces that follow on `start` without a hole.
  mutating func takeRun(from start: Int) -> ArraySlice<Place> {
    var end = start
    var count = 0
    while count < places.count, places[count].start == end {
      end = places[count].end
      count += 1
    }
    let run = places[..<count]
    if count > 0 { places = Array(places[count...]) }
    return run
  }

  /// Whether the pieces reach from 0 to `count` without a hole.
  func covers(_ count: Int) -> Bool {
    var end = 0
    for place in places {
      guard place.start == end else { return false }
      end = place.end
    }
    return end == count
  }

  /// By halving, for no piece is over another and so their ends ascend too.
  private func firstIndex(endingAfter offset: Int) -> Int {
    if let last = places.last, last.end <= offset { return places.count }
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if places[middle].end <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
