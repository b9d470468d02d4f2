import Boot
import Bytes
import Network
import Services
import Testing
import Wire

/// What the names get that boot programs asked for in recorded boots, in their order.
@Suite struct MenuContentTests {
  var service = DHCPService()
  private static let address = IPv4Address(10, 77, 0, 130)
  private static let known = MACAddress(0x52, 0x54, 0, 0x77, 0, 1)
  private static let uuid = UUID(high: 0x4c4c_4544_0042_4c10, low: 0x8056_b4c0_4f4c_4142)

  private static func catalog(
    _ boot: Profile.Boot? = nil, defaultProfile: Catalog.DefaultProfile = .none,
    http: UInt16? = 80, https: UInt16? = nil
  ) -> Catalog {
    let kernel = Profile.Boot.kernel(
      KernelBoot(
        kernel: Template(verbatim: "linux"), initrd: [Template(verbatim: "initrd.gz")],
        arguments: Template(verbatim: "quiet")))
    return Catalog(
      interfaces: [
        Interface(name: "eth1", number: 2, dhcp: .authoritative, http: http, https: https)
      ],
      subnets: [
        Subnet(
          network: IPv4Prefix(IPv4Address(10, 77, 0, 0), length: 24), interface: "eth1", pools: [])
      ],
      profiles: [Profile(name: "p", boot: boot ?? kernel)],
      machines: [
        Machine(name: "rack", macAddress: known, uuid: uuid, profile: "p"),
        Machine(name: "silent", macAddress: MACAddress(2, 0, 0, 0, 0, 2), profile: "ignore"),
      ],
      defaultProfile: defaultProfile)
  }

  private mutating func lease(_ machine: MACAddress) {
    service.restore(
      Lease(
        address: Self.address, client: .hardware(machine), expiry: Instant.start + .seconds(3600)))
  }

  /// The text that `name` gets; nil when it is a file like any other.
  private func text(
    _ name: String, _ catalog: Catalog, from source: IPv4Address = address, port: UInt16 = 69
  ) throws -> String? {
    var reasons: [Reason] = []
    var service = service
    let arrival = Arrival(
      source: Endpoint(source, 2000), destination: Endpoint(IPv4Address(10, 77, 0, 1), port),
      local: IPv4Address(10, 77, 0, 1), interface: 2)
    let content = service.content(
      of: Resource(try #require(BootPath(name))), for: arrival, catalog, at: Instant.start,
      dice: { 7 }, reasons: &reasons)
    switch content {
    case .file, .firstFile: return nil
    case .fileOrMenu(_, let path, let menu):
      #expect(path.description == name.drop { $0 == "/" }.replacing("loaders/", with: ""))
      let made = service.content(
        of: menu, for: arrival, catalog, at: Instant.start, dice: { 7 }, reasons: &reasons)
      guard case .text(let text) = made else { return nil }
      #expect(text.event.fact.name == "menu.rendered")
      return String(decoding: text.octets, as: UTF8.self)
    case .text, .refused, .missing:
      Issue.record("\(name) is neither a file nor a menu")
      return nil
    }
  }

  struct Search: CustomTestStringConvertible {
    let program: String
    /// As recorded; the address is that of `MenuContentTests.address`.
    let names: [String]
    /// What only the menu's text has.
    let mark: String
    var testDescription: String { program }
  }

  private static func shortened(_ prefix: String) -> [String] {
    (1...8).reversed().map { prefix + "0A4D0082".prefix($0) }
  }

  static let searches = [
    Search(
      program: "PXELINUX 6.04 on BIOS",
      names: ["pxelinux.cfg/4c4c4544-0042-4c10-8056-b4c04f4c4142"]
        + ["pxelinux.cfg/01-52-54-00-77-00-01"] + shortened("pxelinux.cfg/")
        + ["pxelinux.cfg/default"],
      mark: "  LINUX 10.77.0.1::files/linux\n  INITRD 10.77.0.1::files/initrd.gz\n"),
    Search(
      program: "PXELINUX below its folder",
      names: ["loaders/signed/pxelinux.cfg/01-52-54-00-77-00-01"]
        + shortened("loaders/signed/pxelinux.cfg/") + ["loaders/signed/pxelinux.cfg/default"],
      mark: "  APPEND quiet\n"),
    Search(
      program: "GRUB 2.06 of Debian 12's installer",
      names: ["/debian-installer/amd64/grub/grub.cfg-01-52-54-00-77-00-01"]
        + shortened("/debian-installer/amd64/grub/grub.cfg-")
        + ["command", "fs", "crypto", "terminal"]
        .map { "/debian-installer/amd64/grub/x86_64-efi/\($0).lst" }
        + ["/debian-installer/amd64/grub/grub.cfg"],
      mark: "linux '(tftp,10.77.0.1)/files/linux' 'quiet'\n"),
    Search(
      program: "U-Boot 2023.01",
      names: ["boot.scr.uimg", "pxelinux.cfg/01-52-54-00-77-00-01"] + shortened("pxelinux.cfg/")
        + ["pxelinux.cfg/default-arm", "pxelinux.cfg/default", "dtb/"], mark: "files/linux"),
  ]

  @Test(arguments: searches)
  mutating func aKnownMachineIsAnsweredAtTheFirstNameAndAtNoOther(_ search: Search) throws {
    lease(Self.known)
    var answered: [String] = []
    for name in search.names {
      guard let text = try text(name, Self.catalog()) else { continue }
      #expect(text.contains(search.mark), "\(name): \(text)")
      answered.append(name)
    }
    let whole = search.names.filter { name in
      name.hasSuffix("4142") || name.hasSuffix("00-01") || name.hasSuffix("0082")
        || name.hasSuffix("default") || name.hasSuffix("grub.cfg") || name == "boot.scr.uimg"
    }
    #expect(answered == whole)
    #expect(answered.first == search.names.first)
  }

  @Test(arguments: searches)
  mutating func anUnknownMachineIsToldSoAtTheEndOfItsSearch(_ search: Search) throws {
    let stranger = MACAddress(2, 0, 0, 0, 0, 1)
    lease(stranger)
    var answered: [String] = []
    for name in search.names.map({ $0.replacing("52-54-00-77-00-01", with: stranger.dashed) })
      .filter({ !$0.hasSuffix("4142") })
    {
      guard let text = try text(name, Self.catalog()) else { continue }
      #expect(text.contains("02-00-00-00-00-01 matches no profile"), "\(text)")
      answered.append(name)
    }
    #expect(answered == search.names.filter { $0.hasSuffix("default") || $0.hasSuffix("grub.cfg") })
  }

  @Test mutating func aNameTellsTheMachineWhoeverAsks() throws {
    let catalog = Self.catalog()
    let elsewhere = IPv4Address(10, 77, 0, 9)
    lease(MACAddress(2, 0, 0, 0, 0, 1))
    for name in ["01-52-54-00-77-00-01", "4c4c4544-0042-4c10-8056-b4c04f4c4142"] {
      #expect(try text("pxelinux.cfg/\(name)", catalog, from: elsewhere) != nil)
      #expect(try text("pxelinux.cfg/\(name)", catalog) != nil)
    }
    // An address is believed only of the one who has it.
    #expect(try text("grub/grub.cfg-0A4D0082", catalog, from: elsewhere) == nil)
    let nobody = "4c4c4544-0042-4c10-8056-b4c04f4c4143"
    #expect(try text("pxelinux.cfg/\(nobody)", catalog) == nil)
  }

  @Test mutating func whereOnlyHTTPSIsServedMenusLeadThere() throws {
    lease(Self.known)
    let catalog = Self.catalog(http: nil, https: 443)
    let autoexec = try #require(try text("loaders/ipxe/autoexec.ipxe", catalog))
    #expect(autoexec.contains("imgfetch --name boot.ipxe https://10.77.0.1/boot.ipxe "))
    let byTLS = try #require(try text("/grub/grub.cfg", catalog, port: 443))
    #expect(byTLS.contains("linux '(https,10.77.0.1)/files/linux'"))
    let byTFTP = try #require(try text("/grub/grub.cfg", catalog))
    #expect(byTFTP.contains("linux '(tftp,10.77.0.1)/files/linux'"))
    #expect(try text("autoexec.ipxe", Self.catalog(http: nil)) == nil)
  }

  @Test mutating func whoAskedByTLSStaysThere() throws {
    lease(Self.known)
    let catalog = Self.catalog(https: 8443)
    let byTLS = try #require(try text("grub/grub.cfg", catalog, port: 8443))
    #expect(byTLS.contains("'(https,10.77.0.1:8443)/files/linux'"))
    let plain = try #require(try text("grub/grub.cfg", catalog, port: 80))
    #expect(plain.contains("'(http,10.77.0.1)/files/linux'"))
    let menu = try #require(try text("pxelinux.cfg/default", catalog, port: 8443))
    #expect(menu.contains("LINUX https://10.77.0.1:8443/files/linux"))
  }

  @Test mutating func anIgnoredMachineGetsFilesOnly() throws {
    lease(MACAddress(2, 0, 0, 0, 0, 2))
    for name in ["autoexec.ipxe", "grub/grub.cfg", "pxelinux.cfg/01-02-00-00-00-00-02"] {
      #expect(try text(name, Self.catalog()) == nil)
    }
  }

  @Test mutating func aDefaultProfileAnswersEveryMachineByItsAddress() throws {
    lease(MACAddress(2, 0, 0, 0, 0, 1))
    let catalog = Self.catalog(defaultProfile: .profile("p"))
    let menu = try #require(try text("pxelinux.cfg/01-02-00-00-00-00-01", catalog))
    #expect(menu.contains("machine 02-00-00-00-00-01 boots p\n"))
  }

  @Test mutating func aMachineOfTheLocalDiskIsSentThere() throws {
    lease(Self.known)
    let catalog = Self.catalog(.local)
    let name = "01-52-54-00-77-00-01"
    #expect(try text("pxelinux.cfg/\(name)", catalog)?.contains("LOCALBOOT 0") == true)
    #expect(try text("grub/grub.cfg-\(name)", catalog)?.contains("exit 1") == true)
    #expect(try text("boot.scr.uimg", catalog)?.contains("boot.scr") == false)
  }

  @Test mutating func aScriptOfIPXEsIsNoMenuAndSaysSo() throws {
    lease(Self.known)
    let catalog = Self.catalog(.script(Template(verbatim: "#!ipxe\nshell\n")))
    for name in ["pxelinux.cfg/01-52-54-00-77-00-01", "grub/grub.cfg", "boot.scr.uimg"] {
      #expect(try text(name, catalog)?.contains("profile p is an iPXE script") == true)
    }
    #expect(try text("autoexec.ipxe", catalog)?.hasPrefix("#!ipxe\n") == true)
  }

  /// Recorded of PXELINUX 6.04 on iPXE: it takes the fields of the UUID for big-endian.
  @Test mutating func pxelinuxsReadingOfAUUIDTellsTheMachineToo() throws {
    lease(Self.known)
    let name = "loaders/signed/pxelinux.cfg/44454c4c-4200-104c-8056-b4c04f4c4142"
    #expect(try text(name, Self.catalog())?.contains("machine rack boots p") == true)
  }

  @Test mutating func whoReadsAMenuIsNotTheIPXEThatStartedIt() throws {
    var bench = DHCPBench()
    let script = Profile(
      name: "chain", match: Match(firmware: [.ipxe]),
      boot: .script(Template(verbatim: "#!ipxe\n")))
    bench.catalog = Catalog(
      interfaces: bench.catalog.interfaces, subnets: bench.catalog.subnets,
      profiles: [script, Profile(name: "disk", boot: .local)], defaultProfile: .profile("disk"))
    let address = try #require(
      bench.boot(1) {
        $0[93] = [0, 0]
        $0[77] = Array("iPXE".utf8)
      })
    service = bench.service
    let name = "pxelinux.cfg/01-\(DHCPBench.mac(1).dashed)"
    #expect(try text(name, bench.catalog, from: address)?.contains("LOCALBOOT") == true)
  }

  @Test mutating func grubFetchesByHTTPWhatItAskedForByHTTP() throws {
    lease(Self.known)
    let menu = try text("grub/grub.cfg-01-52-54-00-77-00-01", Self.catalog(), port: 80)
    #expect(menu?.contains("'(http,10.77.0.1)/files/linux'") == true)
  }
}
