import Bytes
import TLS

/// What an operator does so that firmware and programs trust an authority.
package struct CertificateAdvice: CustomStringConvertible {
  private let folder: String
  private let fingerprint: String

  package init(folder: String, authority: Certificate) {
    self.folder = folder
    fingerprint = Self.fingerprint(of: authority)
  }

  /// SHA-256 of its DER form, in hexadecimal.
  package static func fingerprint(of certificate: Certificate) -> String {
    Hexadecimal.text(certificate.fingerprint)
  }

  package var description: String {
    """
    Serve them, by the configuration:
      interfaces: [{name: …, https: 443}]
      tls:
        certificate: [\(folder)/server-rsa.pem, \(folder)/server-ecdsa.pem]
        key: [\(folder)/server-rsa.key, \(folder)/server-ecdsa.key]
    Keep \(folder)/ca.key where the network does not reach it: who has it can be any server.

    UEFI firmware (EDK II) trusts what is enrolled in it, machine by machine: in its setup under
    Device Manager, Tls Auth Configuration, Server CA Configuration, enroll \(folder)/ca.pem. A
    virtual machine is given the variable's content as a file:
      qemu … -fw_cfg name=etc/edk2/https/cacerts,file=\(folder)/ca.esl
    It verifies RSA only, and the name or address that the URL has must be in the certificate.
    It is sent to https where its interface has `http: false`: all that boots there goes by TLS.

    iPXE of 2025 or later trusts what the UEFI firmware trusts that started it. Another trusts an
    authority that was built into it, which is the safe way:
      make bin-x86_64-efi/snponly.efi CERT=\(folder)/ca.pem TRUST=\(folder)/ca.pem
    A build as Debian ships it trusts what DHCP option 175.90 says, the SHA-256 of the authority's
    certificate, if the firmware itself was told it before it loaded iPXE. `trust: \(folder)/ca.pem`
    under `tls` sends it:
      \(fingerprint)
    That is convenience and no defence: a rogue DHCP server can send its own.

    Programs take it as a file: curl --cacert \(folder)/ca.pem https://…
    """
  }
}
