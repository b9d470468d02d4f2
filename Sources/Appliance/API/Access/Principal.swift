/// Who asks.
struct Principal: Sendable {
  /// As events tell it: `token NAME`, or `control socket`.
  var name: String
  var role: Role
  /// The only site that it sees; nil: all of them.
  var site: String?
  /// Which token it is; nil over the control socket, whose file says who may ask.
  var token: String?

  static let controlSocket = Principal(name: "control socket", role: .admin)

  /// Whether it sees what belongs to `site`; nil is what all sites share.
  func sees(_ site: String?) -> Bool { self.site == nil || site == nil || site == self.site }

  /// Whether it may change what belongs to `site`.
  func mayWrite(_ site: String?) -> Bool { self.site == nil || site == self.site }
}
