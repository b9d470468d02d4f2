/// The difference of two texts, as `diff -u` writes it.
enum TextDiff {
  /// Lines around a change that are shown with it.
  private static let context = 3
  /// Lines that differ on one side; beyond it all of the old ones go and all of the new ones come.
  private static let searchMax = 400

  private enum Line {
    case both(Substring)
    case old(Substring)
    case new(Substring)

    var isChange: Bool {
      switch self {
      case .both: false
      case .old, .new: true
      }
    }
  }

  /// Empty for equal texts. nil: there is no such text.
  static func unified(_ old: String?, _ new: String?, name: String) -> String {
    guard old != new else { return "" }
    let lines = lines(split(old ?? ""), split(new ?? ""))
    var text = "--- \(old == nil ? "/dev/null" : name)\n+++ \(new == nil ? "/dev/null" : name)\n"
    for hunk in hunks(lines) { text += written(lines, hunk) }
    return text
  }

  private static func split(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func lines(_ old: [Substring], _ new: [Substring]) -> [Line] {
    let start = zip(old, new).prefix { $0 == $1 }.count
    let rest = min(old.count, new.count) - start
    let end = zip(old.reversed(), new.reversed()).prefix(rest).prefix { $0 == $1 }.count
    let before = Array(old[start..<old.count - end])
    let after = Array(new[start..<new.count - end])
    return old[..<start].map { .both($0) } + between(before, after)
      + old[(old.count - end)...].map { .both($0) }
  }

  private static func between(_ old: [Substring], _ new: [Substring]) -> [Line] {
    guard old.count <= searchMax, new.count <= searchMax else {
      return old.map { .old($0) } + new.map { .new($0) }
    }
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [Line] = []
    var (from, to) = (0, 0)
    while from < old.count || to < new.count {
      if removed.contains(from) {
        lines.append(.old(old[from]))
        from += 1
      } else if inserted.contains(to) {
        lines.append(.new(new[to]))
        to += 1
      } else {
        lines.append(.both(old[from]))
        (from, to) = (from + 1, to + 1)
      }
    }
    return lines
  }

  /// Changes with their context, those that touch as one.
  private static func hunks(_ lines: [Line]) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for (index, line) in lines.enumerated() where line.isChange {
      let hunk = max(0, index - context)..<min(lines.count, index + context + 1)
      if let last = hunks.last, last.upperBound >= hunk.lowerBound {
        hunks[hunks.count - 1] = last.lowerBound..<hunk.upperBound
      } else {
        hunks.append(hunk)
      }
    }
    return hunks
  }

  private static func written(_ lines: [Line], _ hunk: Range<Int>) -> String {
    var body = ""
    var (old, new) = (0, 0)
    for line in lines[hunk] {
      switch line {
      case .both(let text):
        body += " \(text)\n"
        (old, new) = (old + 1, new + 1)
      case .old(let text):
        body += "-\(text)\n"
        old += 1
      case .new(let text):
        body += "+\(text)\n"
        new += 1
      }
    }
    let before = lines[..<hunk.lowerBound]
    let oldStart = before.count { if case .new = $0 { false } else { true } }
    let newStart = before.count { if case .old = $0 { false } else { true } }
    return "@@ -\(range(oldStart, old)) +\(range(newStart, new)) @@\n\(body)"
  }

  /// `start,count`; an empty range names the line before it.
  private static func range(_ before: Int, _ count: Int) -> String {
    count == 1 ? "\(before + 1)" : "\(count == 0 ? before : before + 1),\(count)"
  }
}
