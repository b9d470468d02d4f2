import CYAML

/// Runs libyaml over bytes. All pointers of this module are in this file, and none outlives its
/// call.
enum EventReader {
  /// Gives each event to `take`, until the end, a failure, or false from `take`.
  static func read(_ bytes: [UInt8], _ take: (Event) -> Bool) {
    var parser = unsafe yaml_parser_t()
    guard unsafe yaml_parser_initialize(&parser) == 1 else {
      _ = take(.failure(SyntaxMistake(text: "no memory to read it", position: .start)))
      return
    }
    defer { unsafe yaml_parser_delete(&parser) }
    unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      while unsafe step(&parser, take) {}
    }
  }

  private static func step(
    _ parser: UnsafeMutablePointer<yaml_parser_t>, _ take: (Event) -> Bool
  ) -> Bool {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else {
      _ = take(.failure(unsafe mistake(of: parser)))
      return false
    }
    defer { unsafe yaml_event_delete(&event) }
    let position = unsafe Position(event.start_mark)
    switch unsafe event.type {
    case YAML_STREAM_END_EVENT: return false
    case YAML_DOCUMENT_START_EVENT: return take(.documentStart(position))
    case YAML_SEQUENCE_END_EVENT: return take(.sequenceEnd)
    case YAML_MAPPING_END_EVENT: return take(.mappingEnd)
    case YAML_ALIAS_EVENT:
      return take(.alias(unsafe text(event.data.alias.anchor) ?? "", position))
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let octets = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let decoration = unsafe Event.Decoration(anchor: text(scalar.anchor), tag: text(scalar.tag))
      let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
      return take(
        .scalar(
          unsafe String(decoding: octets, as: UTF8.self), isPlain: isPlain, decoration, position))
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return take(
        .sequenceStart(
          unsafe Event.Decoration(anchor: text(start.anchor), tag: text(start.tag)), position))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return take(
        .mappingStart(
          unsafe Event.Decoration(anchor: text(start.anchor), tag: text(start.tag)), position))
    default: return true
    }
  }

  private static func mistake(of parser: UnsafeMutablePointer<yaml_parser_t>) -> SyntaxMistake {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "no YAML"
    var text = "this is no YAML: \(problem)"
    if let context = unsafe parser.pointee.context {
      text += unsafe " \(String(cString: context)) from line "
      text += unsafe "\(parser.pointee.context_mark.line + 1)"
    }
    return unsafe SyntaxMistake(text: text, position: Position(parser.pointee.problem_mark))
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }
}

extension Position {
  /// libyaml counts from 0.
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
  }
}
