import Boot
import EventLoop
import Network
import TLS

/// Where `bootwire certificates` keeps an authority and a server's certificates.
package struct CertificateFolder {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// Why nothing was made, in one sentence.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    fileprivate init(_ error: any Error) { description = "\(error)" }
    fileprivate init(_ file: String, _ error: any Error) { description = "\(file): \(error)" }
    init(_ text: String) { description = text }
  }

  package static let authority = "ca"
  /// The files without their endings, the kind that firmware knows first.
  package static let servers: [(name: String, kind: CertificateAuthority.KeyKind)] = [
    ("server-rsa", .rsa), ("server-ecdsa", .ecdsa),
  ]

  /// Makes what is missing: the authority unless it is there, and the server's certificates, which
  /// must not be.
  ///
  /// - Parameter owner: The user that is given the server's keys. The authority's stays with
  ///   whoever runs this.
  package func make(
    for names: CertificateAuthority.Names, authority title: String, owner: String?
  ) throws(Failure) -> Certificate {
    let files = Self.servers.flatMap { ["\($0.name).pem", "\($0.name).key"] }
    for file in files where Folder.exists("\(path)/\(file)") {
      throw Failure(
        "\(path)/\(file) exists, and nothing is overwritten: move it away for a new"
          + " one by the same authority, or name another folder")
    }
    do throws(SystemError) { try NewFile.makeFolder(path) } catch { throw Failure(error) }
    let authority = try self.authority(title)
    for (name, kind) in Self.servers {
      let identity: TLSIdentity
      do throws(TLSFailure) { identity = try authority.issue(kind, for: names) } catch {
        throw Failure(error)
      }
      try write(identity.key, "\(name).key", 0o600, owner)
      try write(identity.certificates, "\(name).pem", 0o644, nil)
    }
    let made = try certificate("\(Self.authority).pem")
    // A folder of an earlier version has none.
    if !Folder.exists("\(path)/\(Self.authority).esl") {
      let list = SignatureList(certificate: made.encoded)
      try write(list.octets, "\(Self.authority).esl", 0o644, nil)
    }
    return made
  }

  /// The certificates that are there, by file name.
  package func all() throws(Failure) -> [(name: String, certificate: Certificate)] {
    let names: [String]
    do throws(SystemError) { names = try Folder.names(path) } catch { throw Failure(error) }
    var found: [(name: String, certificate: Certificate)] = []
    for name in names where name.hasSuffix(".pem") {
      found.append((name, try certificate(name)))
    }
    return found
  }
}

extension CertificateFolder {
  /// The authority that is there, or a new one.
  private func authority(_ title: String) throws(Failure) -> CertificateAuthority {
    let (certificate, key) = ("\(Self.authority).pem", "\(Self.authority).key")
    let parts = [certificate, key].filter { Folder.exists("\(path)/\($0)") }
    if parts.count == 1 {
      throw Failure("\(path) has \(parts[0]) alone, expected both \(certificate) and \(key)")
    }
    if !parts.isEmpty {
      let (pem, secret) = (try read(certificate), try read(key))
      do throws(TLSFailure) {
        return try CertificateAuthority(certificate: pem, key: secret)
      } catch { throw Failure("\(path)/\(certificate)", error) }
    }
    let made: CertificateAuthority
    let secret: [UInt8]
    do throws(TLSFailure) {
      made = try CertificateAuthority(name: title)
      secret = try made.key()
    } catch { throw Failure(error) }
    try write(secret, key, 0o600, nil)
    try write(made.certificate, certificate, 0o644, nil)
    return made
  }

  private func certificate(_ name: String) throws(Failure) -> Certificate {
    let pem = try read(name)
    do throws(TLSFailure) { return try Certificate(pem: pem) } catch {
      throw Failure("\(path)/\(name)", error)
    }
  }

  private func read(_ name: String) throws(Failure) -> [UInt8] {
    do throws(Mistake) {
      return try SourceFile(reading: "\(path)/\(name)", limit: 256 << 10).bytes
    } catch { throw Failure("\(path)/\(name)", error) }
  }

  private func write(
    _ bytes: [UInt8], _ name: String, _ mode: UInt32, _ owner: String?
  ) throws(Failure) {
    do throws(SystemError) {
      try NewFile.write(bytes, to: "\(path)/\(name)", mode: mode, owner: owner)
    } catch { throw Failure(error) }
  }
}
