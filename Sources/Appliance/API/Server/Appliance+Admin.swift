import Boot
import EventLoop
import Network
import TLS

/// `admin` of the configuration: where the API is served by HTTPS.
package struct AdminSettings: Hashable, Sendable {
  package var place: Endpoint
  /// Its own certificates; empty: those of `tls`.
  package var identities: [TLSIdentity]

  package init(place: Endpoint, identities: [TLSIdentity] = []) {
    self.place = place
    self.identities = identities
  }
}

extension Appliance {
  /// Opens the admin listener that the configuration asks for; without one there is none.
  ///
  /// It has a context of its own, so that it can show another certificate than boot ports do.
  func openAdmin(_ wanted: AdminSettings?, _ certificates: [ServerCertificate]) throws(StartError) {
    var context: TLSContext?
    if let wanted {
      let identities = wanted.identities
      do throws(TLSFailure) {
        context = try TLSContext(
          identities.isEmpty ? certificates.map(\.identity) : identities)
      } catch { throw StartError("admin: \(error)") }
    }
    do throws(SystemError) { try api?.openAdmin(wanted?.place, context) } catch {
      throw StartError("admin: \(error)")
    }
  }
}
