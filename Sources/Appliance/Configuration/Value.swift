import Boot
import Network
import YAML

/// A value of the configuration with the means to say what is wrong with it.
struct Value {
  let node: Node
  let file: SourceFile
  let findings: Findings

  func mistake(_ text: String) { findings.mistake(text, at: node.position, in: file.name) }
  func warning(_ text: String) { findings.warning(text, at: node.position, in: file.name) }

  /// The scalar's text, whatever YAML 1.1 would take it for; nil, and a mistake, for a list, a
  /// mapping and an empty value.
  func text(_ expected: String) -> String? {
    switch node.content {
    case .scalar(let text, let isPlain):
      guard isPlain, ["", "~", "null"].contains(text) else { return text }
      mistake("no value, expected \(expected)")
    case .sequence: mistake("a list, expected \(expected)")
    case .mapping: mistake("a mapping, expected \(expected)")
    case .broken: break
    }
    return nil
  }

  /// What `parse` makes of the text; nil, and a mistake, when it makes nothing.
  func read<Result>(_ expected: String, _ parse: (String) -> Result?) -> Result? {
    guard let text = text(expected) else { return nil }
    guard let result = parse(text) else {
      mistake("\"\(Self.shown(text))\" is not \(expected)")
      return nil
    }
    return result
  }

  /// One of an enum's names.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ noun: String, as type: Choice.Type = Choice.self
  ) -> Choice? where Choice.RawValue == String {
    let names = Choice.allCases.map(\.rawValue)
    return name(of: noun, among: names).flatMap { Choice(rawValue: $0) }
  }

  /// One of `names`; else a mistake with the nearest.
  func name(of noun: String, among names: [String]) -> String? {
    let expected = names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
    guard let text = text(expected) else { return nil }
    guard names.contains(text) else {
      mistake(
        "unknown \(noun) \"\(Self.shown(text))\", expected \(expected)"
          + NearestName.question(text, among: names))
      return nil
    }
    return text
  }

  /// The items of a list.
  func list(of expected: String) -> [Value]? {
    switch node.content {
    case .sequence(let nodes):
      return nodes.map { Value(node: $0, file: file, findings: findings) }
    case .scalar(let text, let isPlain):
      let isEmpty = isPlain && ["", "~", "null"].contains(text)
      mistake("\(isEmpty ? "no value" : "a single value"), expected a list of \(expected)")
    case .mapping: mistake("a mapping, expected a list of \(expected)")
    case .broken: break
    }
    return nil
  }

  /// The items of a list, or the one value that stands in its place.
  func oneOrMore(of expected: String) -> [Value]? {
    if case .scalar = node.content { return [self] }
    return list(of: expected)
  }

  /// `text`, cut and without line ends, as messages show it.
  static func shown(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(60) {
      shown.append(scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar)
    }
    return String(shown) + (text.unicodeScalars.count > 60 ? "…" : "")
  }
}

extension Value {
  func address() -> IPv4Address? { read("an IPv4 address as 10.77.0.1") { IPv4Address($0) } }

  /// An address that one machine can have.
  func unicastAddress() -> IPv4Address? {
    guard let address = address() else { return nil }
    guard address.isUnicast else {
      mistake("\(address) is no address that a machine can have")
      return nil
    }
    return address
  }

  func addresses() -> [IPv4Address]? {
    oneOrMore(of: "IPv4 addresses")?.compactMap { $0.address() }
  }

  func bool() -> Bool? {
    read("true or false") { text in
      switch text.lowercased() {
      case "true", "yes", "on": true
      case "false", "no", "off": false
      default: nil
      }
    }
  }

  /// A path; one that is not absolute begins at `folder`.
  func path(from folder: String) -> String? {
    guard let path = read("a path", { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }) else {
      return nil
    }
    return path.hasPrefix("/") ? path : folder + "/" + path
  }

  /// A TCP port, or false: nil within for none.
  func port() -> UInt16?? {
    read("a port, 1 to 65535, or false") { text in
      if ["false", "no", "off"].contains(text.lowercased()) { return .some(nil) }
      guard let port: UInt16 = Self.integer(text), port > 0 else { return nil }
      return .some(port)
    }
  }

  /// A decimal number. A zero in front is refused: YAML 1.1 would read the number as octal.
  static func integer<Number: FixedWidthInteger>(_ text: String) -> Number? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard digits.first != "+", digits == "0" || digits.first != "0" else { return nil }
    return Number(text, radix: 10)
  }

  /// A domain's name, without a dot at its end.
  func domain() -> String? {
    read("a domain name as lab.test") { text in
      let name = text.hasSuffix(".") ? String(text.dropLast()) : text
      guard name.utf8.count <= 253 else { return nil }
      let labels = name.split(separator: ".", omittingEmptySubsequences: false)
      return labels.allSatisfy(Self.isLabel) ? name : nil
    }
  }

  /// The name of a site, profile or machine: it stands in URLs and file names.
  func identifier() -> String? {
    read("a name of letters, digits, \".\", \"-\" and \"_\", at most 64 of them") {
      Self.isIdentifier($0) ? $0 : nil
    }
  }

  static func isIdentifier(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), !text.hasPrefix("."), !text.hasPrefix("-") else {
      return false
    }
    return text.utf8.allSatisfy { isAlphanumeric($0) || [0x2d, 0x2e, 0x5f].contains($0) }
  }

  /// RFC 1123 §2.1, and `_` for service names.
  private static func isLabel(_ label: Substring) -> Bool {
    guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else {
      return false
    }
    return label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x5f }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: false
    }
  }
}
