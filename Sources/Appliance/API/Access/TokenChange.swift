/// One change of the tokens that is to be kept.
enum TokenChange: Sendable {
  case put(AccessToken)
  case used(AccessToken)
  case revoke(id: String)
}
