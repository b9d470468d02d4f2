/// Finds what an operator who misspelt a name probably meant.
package enum NearestName {
  /// The candidate with the fewest edits from `name`, the earliest of equals; nil when none is
  /// near enough to be meant.
  package static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
    let typed = Array(name.lowercased().utf8.prefix(longest + 1))
    guard !typed.isEmpty, typed.count <= longest else { return nil }
    var best: (name: String, edits: Int)?
    for candidate in candidates {
      let letters = Array(candidate.lowercased().utf8)
      guard letters.count <= longest else { continue }
      let edits = distance(typed, letters)
      let allowed = max(1, min(typed.count, letters.count) / 3)
      if edits <= allowed, edits < best?.edits ?? Int.max { best = (candidate, edits) }
    }
    return best?.name
  }

  /// `; did you mean "x"?`, or nothing when no candidate is near.
  package static func question(
    _ name: String, among candidates: some Sequence<String>
  ) -> String {
    guard let nearest = of(name, among: candidates) else { return "" }
    return "; did you mean \"\(nearest)\"?"
  }

  /// Longer names are not compared: the work is the product of the lengths.
  private static let longest = 64

  /// Insertions, deletions, replacements and swaps of neighbours.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...right.count)
    for i in 0..<left.count {
      var row = [i + 1]
      for j in 0..<right.count {
        let same = left[i] == right[j]
        var cost = min(previous[j] + (same ? 0 : 1), previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          cost = min(cost, before[j - 1] + 1)
        }
        row.append(cost)
      }
      before = previous
      previous = row
    }
    return previous[right.count]
  }
}
