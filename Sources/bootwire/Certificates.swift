import Appliance
import ArgumentParser
import Boot
import EventLoop
import FoundationEssentials
import Network
import TLS

/// `bootwire certificates`: what HTTPS shows.
struct Certificates: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make and show the certificates of HTTPS.",
    subcommands: [CertificatesInit.self, CertificatesShow.self])

  /// Where they are unless an option says so.
  static let folder = "/etc/bootwire/tls"
}

struct CertificatesInit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Make a private authority and the server's certificates, RSA and ECDSA.",
    discussion: """
      Nothing is overwritten. With an authority in the folder already, it certifies new ones: move
      the old server files away first, and let SIGHUP have the service read the new ones.
      """)

  @Option(help: ArgumentHelp("Where they go.", valueName: "folder"))
  var into = Certificates.folder

  @Option(
    name: .customLong("name"),
    help: ArgumentHelp("A DNS name of the server; several times for several.", valueName: "name"))
  var names: [String] = []

  @Option(
    name: .customLong("address"),
    help: ArgumentHelp("An address of the server, likewise.", valueName: "address"))
  var addresses: [String] = []

  @Option(
    help: ArgumentHelp(
      "Whom the server's keys belong to when root makes them, if there is such a user.",
      valueName: "user"))
  var owner = "bootwire"

  func run() throws {
    var names = names
    for name in names where !Self.isName(name) {
      throw ValidationError("\"\(name)\" is not a domain name as boot.lab.test")
    }
    var addresses = try addresses.map { text in
      guard let address = IPv4Address(text) else {
        throw ValidationError("\"\(text)\" is not an IPv4 address as 10.77.0.1")
      }
      return address
    }
    let host = try HostName.current()
    if names.isEmpty, addresses.isEmpty {
      // Firmware asks by address as a rule: all that this box has.
      if Self.isName(host) { names = [host] }
      addresses = try InterfaceTable.read().interfaces.filter { !$0.isLoopback }
        .flatMap { $0.addresses.map(\.address) }
    }
    guard !names.isEmpty || !addresses.isEmpty else {
      throw ValidationError("this box has neither name nor address: give --name or --address")
    }
    // The configuration that it is to stand in lies elsewhere.
    let path =
      into.hasPrefix("/") ? into : "\(FileManager.default.currentDirectoryPath)/\(into)"
    let folder = CertificateFolder(path)
    let wanted = CertificateAuthority.Names(dns: names, addresses: addresses)
    let authority = try folder.make(
      for: wanted, authority: "bootwire authority of \(host)", owner: owner)
    print(try CertificatesShow.table(folder))
    print("\n\(CertificateAdvice(folder: path, authority: authority))")
  }

  /// RFC 1123 §2.1, with a wildcard as the first label.
  private static func isName(_ text: String) -> Bool {
    let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
    guard (1...253).contains(text.utf8.count) else { return false }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { byte in
          switch byte {
          case 0x2d, 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
          default: false
          }
        }
    }
  }
}

struct CertificatesShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List the certificates of a folder, and how long they hold.")

  @Option(help: ArgumentHelp("Where they are.", valueName: "folder"))
  var from = Certificates.folder

  func run() throws {
    let folder = CertificateFolder(from)
    print(try Self.table(folder))
    for (name, certificate) in try folder.all() where certificate.isAuthority {
      print("\nSHA-256 of \(name), as in option 175.90:")
      print(CertificateAdvice.fingerprint(of: certificate))
    }
  }

  static func table(_ folder: CertificateFolder) throws -> String {
    let now = WallClock.read()
    var table = Table(["FILE", "KEY", "UNTIL", "DAYS", "SUBJECT", "FOR"])
    for (name, certificate) in try folder.all() {
      table.add([
        name, "\(certificate.key)", "\(Timestamp(certificate.notAfter))",
        "\(certificate.days(from: now))", certificate.subject,
        certificate.isAuthority ? "authority" : certificate.names.joined(separator: " "),
      ])
    }
    return table.text
  }
}
