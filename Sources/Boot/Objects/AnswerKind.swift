/// The language of an answer file: what it is served as, and who checks it.
package enum AnswerKind: String, CaseIterable, Hashable, Sendable {
  case kickstart
  case preseed
  case autoinstall
  case cloudInit = "cloud-init"
  case ignition
  case talos
  case text
}
