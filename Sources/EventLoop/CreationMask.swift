import Glibc

/// What files made from now on may be to others.
package enum CreationMask {
  /// Nothing to others, and no writing to the group: leases tell who is where.
  package static func keepPrivate() { _ = umask(0o027) }
}
