/// Why an answer, hook, script or report of an installation is not given or taken. Who asks hears
/// only that there is no such thing; the operator hears this.
package enum AnswerRefusal: String, CaseIterable, Hashable, Sendable {
  /// No arming has this token, or has it any more: a guess, a spent one, an expired one.
  case unknownToken = "no such token: never given, spent or expired"
  case expired = "its time is over"
  /// The profile installs, and its files are had by token only.
  case named = "asked by the machine's name, not by its token"
  case otherMachine = "the address that asks is another machine's"
  case unknownAddress = "nobody is known to have the address that asks"
  case otherPort = "behind another port of the relay"
  case givenBefore = "its secrets were given before"
  case byTFTP = "secrets do not go by TFTP"
  /// The profile has no such file, or a value is missing in it.
  case noSuchFile = "there is no such file"
  case malformed = "the report cannot be read"
}
