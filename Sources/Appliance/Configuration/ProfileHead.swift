/// Which profile speaks of an object, and whose machines boot it.
struct ProfileHead {
  var name: String
  /// nil: for the machines of all sites.
  var site: String?
  /// It installs, so that its answers and hooks may hold secrets.
  var installs: Bool
}
