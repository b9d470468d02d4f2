/// An EFI_SIGNATURE_LIST of one X.509 certificate (UEFI Specification 2.10 §32.4.1): the form in which
/// firmware keeps whom it trusts, and a virtual machine is told by `etc/edk2/https/cacerts`.
struct SignatureList {
  /// The certificate's DER form.
  let certificate: [UInt8]

  /// EFI_CERT_X509_GUID, a5c059a1-94e4-4aa7-87b5-ab155c2bf072; the first three fields of a GUID are
  /// little-endian.
  private static let x509: [UInt8] = [
    0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
    0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72,
  ]
  /// Who put the certificate there: what we choose, the same for all of ours.
  private static let owner: [UInt8] = [
    0x1d, 0x6a, 0x0b, 0x5e, 0x2c, 0x93, 0x4f, 0x41,
    0xa8, 0x77, 0x62, 0x6f, 0x6f, 0x74, 0x77, 0x31,
  ]
  private static let headerCount = 28

  var octets: [UInt8] {
    let signatureCount = Self.owner.count + certificate.count
    var octets = Self.x509
    for field in [Self.headerCount + signatureCount, 0, signatureCount] {
      let field = UInt32(clamping: field)
      for shift in [0, 8, 16, 24] as [UInt32] {
        octets.append(UInt8(truncatingIfNeeded: field >> shift))
      }
    }
    return octets + Self.owner + certificate
  }
}
