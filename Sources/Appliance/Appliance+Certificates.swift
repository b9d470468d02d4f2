import Boot
import EventLoop
import Network
import TLS

extension Appliance {
  /// What the configuration's HTTPS ports speak by; nil, and no memory taken, where there are none.
  static func context(_ loaded: LoadedConfiguration) throws(StartError) -> TLSContext? {
    guard loaded.catalog.interfaces.contains(where: { $0.https != nil }) else { return nil }
    do throws(TLSFailure) { return try TLSContext(loaded.certificates.map(\.identity)) } catch {
      throw StartError("tls: \(error)")
    }
  }

  /// Tells, when a configuration is loaded and once a day, of certificates with less than 30 days.
  func warnOfExpiry() {
    guard tls != nil else { return }
    let now = loop.wallClock
    for shown in certificates {
      let days = shown.certificate.days(from: now)
      guard days < Self.expiryNotice else { continue }
      record(Event(.certificateExpiring(file: shown.path, days: days)))
    }
  }

  private static let expiryNotice = 30
}

extension Certificate {
  /// Whole days that it still holds; below zero when it has expired.
  package func days(from time: UnixTime) -> Int {
    let seconds = notAfter.seconds - time.seconds
    return Int(seconds / 86_400) - (seconds < 0 ? 1 : 0)
  }
}
