/// What libyaml finds, front to back.
enum Event {
  case documentStart(Position)
  case scalar(String, isPlain: Bool, Decoration, Position)
  case sequenceStart(Decoration, Position)
  case sequenceEnd
  case mappingStart(Decoration, Position)
  case mappingEnd
  case alias(String, Position)
  /// Reading ends here.
  case failure(SyntaxMistake)

  /// What may stand before a value.
  struct Decoration {
    var anchor: String?
    var tag: String?
  }
}
