/// How a file looks: size, name, and what no file may hold.
extension Rule {
  private static let lineLimit = 400
  private static let functionLimit = 70

  static let length = Rule(
    name: "no file is longer than \(lineLimit) lines",
    broken: [("Sources/Wire/A.swift", String(repeating: "let a = 0\n", count: lineLimit + 1))],
    kept: [("Sources/Wire/A.swift", String(repeating: "let a = 0\n", count: lineLimit))]
  ) { file in
    // The last line ends with a newline too.
    let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
    return count > lineLimit ? ["\(count) lines"] : []
  }

  static let functionLength = Rule(
    name: "no function is longer than \(functionLimit) lines",
    broken: [
      ("Sources/Wire/A.swift", function("  func a() {", lines: functionLimit - 1)),
      ("Sources/Wire/A.swift", function("  package init?(a: Int) {", lines: functionLimit)),
      ("Sources/Wire/A.swift", function("  var a: Int {", lines: functionLimit)),
    ],
    kept: [
      ("Sources/Wire/A.swift", function("  func a() {", lines: functionLimit - 2)),
      ("Sources/Wire/A.swift", function("  func a() {}\n  enum B {", lines: 300)),
      (
        "Sources/Wire/A.swift",
        "protocol A {\n" + String(repeating: "  func a() -> Int\n", count: 300) + "}"
      ),
    ]
  ) { file in
    let opening = #/^( *)(?:.* )?(?:func |init[?(<]|deinit |subscript\(|var \w+: [^=]*\{$)/#
    return file.code.indices.compactMap { start in
      guard let found = file.code[start].firstMatch(of: opening),
        let end = bodyEnd(file.code, from: start, indent: found.1.count),
        end - start + 1 > functionLimit
      else { return nil }
      return "line \(start + 1): \(end - start + 1) lines"
    }
  }

  /// Where the declaration that begins at `start` closes; nil when it has no body of its own lines.
  private static func bodyEnd(_ code: [String], from start: Int, indent: Int) -> Int? {
    if code[start].hasSuffix("}") { return nil }
    for index in code.indices.dropFirst(start + 1) {
      let depth = code[index].prefix { $0 == " " }.count
      guard depth < code[index].count, depth <= indent else { continue }
      if depth < indent { return nil }
      if code[index].dropFirst(depth).hasPrefix("}") { return index }
      // The parameters' closing line, or the next declaration.
      if !code[index].dropFirst(depth).hasPrefix(")") { return nil }
      if code[index].hasSuffix("}") { return nil }
    }
    return nil
  }

  private static func function(_ opening: String, lines: Int) -> String {
    opening + "\n" + String(repeating: "    a += 1\n", count: lines) + "  }\n}"
  }

  static let fileName = Rule(
    name: "a file is named after its noun",
    broken: [
      ("Sources/Wire/OptionHelper.swift", ""), ("Sources/Boot/LeaseManager.swift", ""),
      ("Sources/Boot/Types.swift", ""), ("Sources/Boot/Lease+Utils.swift", ""),
    ],
    kept: [("Sources/Wire/Header.swift", ""), ("Sources/Appliance/HTTPHandler.swift", "")]
  ) { file in
    let endings = [
      "Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Handler", "Data", "Info",
      "Impl", "Base", "Types", "Common", "Misc",
    ]
    // HTTP's own word, and the name of swift-log's protocol.
    guard !file.name.hasSuffix("HTTPHandler"), !file.name.hasSuffix("LogHandler"),
      let ending = endings.first(where: file.name.hasSuffix)
    else {
      return []
    }
    return ["\(file.name) ends with \(ending)"]
  }

  static let force = Rule.banning(
    "nothing is forced",
    broken: [
      ("Sources/Boot/A.swift", "let a = try! b()"), ("Sources/Boot/A.swift", "let a = b as! Int"),
      ("Sources/Boot/A.swift", "let a = b!"), ("Sources/Boot/A.swift", "let a = b[0]!.c"),
      ("Sources/Boot/A.swift", "fatalError()"), ("Sources/Boot/A.swift", "let a: Int!"),
    ],
    kept: [
      ("Sources/Boot/A.swift", "if a != b, !c, (!d) { e(\"f!\") }  // g!"),
      ("Sources/Boot/A.swift", "precondition(a, \"a holds\")"),
    ], { #/\w!(?!=)|[)\]}"?]!(?!=)|\bfatalError\(/# })

  static let variables = Rule.banning(
    "nothing global changes",
    broken: [
      ("Sources/Boot/A.swift", "var a = 0"), ("Sources/Boot/A.swift", "package var a: Int = 0"),
      ("Sources/Boot/A.swift", "  static var a = 0"),
      ("Sources/Boot/A.swift", "  private static var a: [Int]"),
    ],
    kept: [
      ("Sources/Boot/A.swift", "  var a = 0"),
      ("Sources/Boot/A.swift", "  static var a: Int { 0 }"),
      ("Sources/Boot/A.swift", "  static let a = 0"),
    ], { #/^(?:(?:package|public|private|fileprivate) )?var [^{]*$|\bstatic var [^{]*(?:=|$)/# })

  static let firstLine = Rule(
    name: "the first line is code or a doc comment",
    broken: [
      ("Sources/Boot/A.swift", "// A.swift"), ("Sources/Boot/A.swift", "/* Copyright */"),
      ("Sources/Boot/A.swift", "\nimport Network"),
    ],
    kept: [("Sources/Boot/A.swift", "/// A lease."), ("Sources/Boot/A.swift", "import Network")]
  ) { file in
    let first = file.lines.first ?? ""
    let isBanner = first.hasPrefix("/*") || first.hasPrefix("//") && !first.hasPrefix("///")
    let isTools = first.hasPrefix("// swift-tools-version")
    return first.isEmpty || isBanner && !isTools ? ["line 1: \(first)"] : []
  }

  static let promises = Rule(
    name: "what is to be done is done, not noted",
    broken: [
      ("Sources/Boot/A.swift", "// TODO: a"), ("Sources/Boot/A.swift", "let a = 0  // FIXME"),
    ],
    kept: [("Sources/Boot/A.swift", "// What is to do.")]
  ) { file in
    file.lines.indices.filter { file.lines[$0].contains(#/\b(?:TODO|FIXME|XXX|HACK)\b/#) }
      .map { "line \($0 + 1): \(file.lines[$0])" }
  }

  /// As far as text can tell: a switch all of whose cases are `.name` is over an enum, and ours are
  /// listed whole, so that a new case is a compile error.
  static let defaults = Rule(
    name: "a switch over an enum lists its cases",
    broken: [
      ("Sources/Boot/A.swift", "switch a {\ncase .b: 0\ncase .c(let d): d\ndefault: 1\n}"),
      ("Sources/Boot/A.swift", "  switch a {\n  case .b:\n    c()\n  default:\n    break\n  }"),
    ],
    kept: [
      ("Sources/Boot/A.swift", "switch a {\ncase .b: 0\ncase 7: 1\ndefault: 1\n}"),
      ("Sources/Boot/A.swift", "switch a {\ncase .b: 0\n@unknown default: 1\n}"),
      ("Sources/Boot/A.swift", "switch a {\ncase .b: 0\ncase .c: 1\n}\nd[e, default: 0] += 1"),
    ]
  ) { file in
    file.code.indices.compactMap { index in
      guard let found = file.code[index].firstMatch(of: #/^( *)default:/#) else { return nil }
      let indent = String(found.1)
      var cases: [Substring] = []
      for line in file.code[..<index].reversed() {
        if line.hasPrefix(indent + "case ") { cases.append(line.dropFirst(indent.count + 5)) }
        if line.hasPrefix(indent), line.contains(#/^ *(?:.*\b)?switch\b/#),
          line.prefix(while: { $0 == " " }).count == indent.count
        {
          break
        }
      }
      let isOverEnum = !cases.isEmpty && cases.allSatisfy { $0.hasPrefix(".") }
      return isOverEnum ? "line \(index + 1): default over an enum" : nil
    }
  }
}
