import Boot
import EventLoop
import Network
import TLS

/// A certificate of the configuration with its chain and key, and the file that it was read from.
package struct ServerCertificate: Sendable {
  package let path: String
  package let certificate: Certificate
  package let identity: TLSIdentity
}

extension ConfigurationReader {
  static let tlsKeys = ["certificate", "key", "trust"]
  /// Longest certificate, with its chain, or key.
  private static let textMax = 256 << 10

  mutating func readTLS(_ value: Value) {
    guard let fields = Fields(value, of: "tls", keys: Self.tlsKeys) else { return }
    if let trust = fields["trust"] { readTrust(trust) }
    certificates = serverCertificates(fields, of: "tls")
    // TLS 1.2 of EDK II and iPXE verify nothing else; programs that know ECDSA know RSA too.
    if !certificates.isEmpty, certificates.allSatisfy({ $0.kind != "RSA" }) {
      fields.warning(
        "no RSA certificate: iPXE and UEFI firmware verify no other, and cannot fetch by https",
        at: "certificate")
    }
  }

  /// One of each kind of key: the files of `certificate` and `key`.
  func serverCertificates(_ fields: Fields, of noun: String) -> [ServerCertificate] {
    let certificates = fields.required("certificate", of: noun)?.oneOrMore(of: "paths")
    let keys = fields.required("key", of: noun)?.oneOrMore(of: "paths")
    guard let certificates, let keys else { return [] }
    guard certificates.count == keys.count, !keys.isEmpty else {
      fields.mistake(
        "\(keys.count) keys for \(certificates.count) certificates, expected one for each, in"
          + " the same order", at: "key")
      return []
    }
    var found: [ServerCertificate] = []
    for (place, key) in zip(certificates, keys) {
      guard let read = serverCertificate(place, key) else { continue }
      if found.contains(where: { $0.isLike(read) }) {
        place.mistake("a second certificate of the kind \(read.kind), expected one of each")
      } else {
        found.append(read)
      }
    }
    return found
  }

  private func serverCertificate(_ place: Value, _ keyPlace: Value) -> ServerCertificate? {
    let text = pem(place)
    let key = pem(keyPlace)
    var certificate: Certificate?
    do throws(TLSFailure) {
      certificate = try text.map { text throws(TLSFailure) in try Certificate(pem: text.bytes) }
    } catch { place.mistake("\(error)") }
    do throws(TLSFailure) {
      if let key { try TLSIdentity.checkKey(key.bytes) }
    } catch {
      keyPlace.mistake("\(error)")
      return nil
    }
    guard let text, let key, let certificate else { return nil }
    guard certificate.matches(key: key.bytes) else {
      keyPlace.mistake("this is not the key of the certificate \(text.path)")
      return nil
    }
    let identity = TLSIdentity(certificates: text.bytes, key: key.bytes)
    do throws(TLSFailure) { _ = try TLSContext([identity]) } catch {
      place.mistake("\(error)")
      return nil
    }
    checkTime(certificate, place)
    warnOfConstraints(text.bytes, place)
    return ServerCertificate(path: text.path, certificate: certificate, identity: identity)
  }

  private func checkTime(_ certificate: Certificate, _ place: Value) {
    guard let time = surroundings.time else { return }
    if certificate.notAfter.seconds < time.seconds {
      place.warning("the certificate expired at \(Timestamp(certificate.notAfter))")
    } else if certificate.notBefore.seconds > time.seconds {
      place.warning(
        "the certificate is valid from \(Timestamp(certificate.notBefore)) only, and this box"
          + " believes that it is \(Timestamp(time))")
    }
  }

  private func warnOfConstraints(_ chain: [UInt8], _ place: Value) {
    do throws(TLSFailure) {
      guard
        let constrained = try Certificate.chain(pem: chain).first(where: \.hasNameConstraints)
      else { return }
      place.warning(
        "the certificate of \(constrained.subject) has name constraints, which iPXE does not know:"
          + " it refuses the whole chain")
    } catch { place.mistake("\(error)") }
  }

  private mutating func readTrust(_ value: Value) {
    guard let text = pem(value) else { return }
    do throws(TLSFailure) {
      let certificate = try Certificate(pem: text.bytes)
      if !certificate.isAuthority {
        value.warning("\(text.path) is no authority's certificate: iPXE will trust nothing by it")
      }
      trust = certificate.fingerprint
    } catch { value.mistake("\(error)") }
  }

  private func pem(_ value: Value) -> (path: String, bytes: [UInt8])? {
    guard let path = value.path(from: folder) else { return nil }
    do throws(Mistake) {
      return (path, try SourceFile(reading: path, limit: Self.textMax).bytes)
    } catch {
      value.mistake("\(path) cannot be read: \(error.text)")
      return nil
    }
  }
}

extension ServerCertificate {
  var kind: String {
    switch certificate.key {
    case .rsa: "RSA"
    case .ecdsa: "ECDSA"
    case .other(let name): name
    }
  }

  fileprivate func isLike(_ other: ServerCertificate) -> Bool { kind == other.kind }
}
