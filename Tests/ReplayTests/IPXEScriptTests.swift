import Boot
import Network
import Replay
import Testing

@Suite struct IPXEScriptTests {
  struct Row: CustomTestStringConvertible {
    let script: String
    let progress: BootProgress
    var testDescription: String { script }

    init(_ script: String, _ progress: BootProgress) {
      self.script = script
      self.progress = progress
    }
  }

  private static let kernel = BootProgress.booted(how: "starts http://10.77.0.1/files/linux")
  private static let whole = BootProgress.booted(
    how: "starts http://10.77.0.1/files/linux with its initial RAM disk")
  private static let left = BootProgress.booted(
    how: "leaves to the next boot device, as its script says")

  /// Runs a script that was given to iPXE, on a machine with an address.
  static func run(_ script: String, _ architecture: Architecture = .x86BIOS) -> BootProgress {
    var bench = BootBench()
    bench.files["more.ipxe"] = Array("#!ipxe\nset b from-more\nexit 0\n".utf8)
    bench.files["pxelinux.cfg/default"] = Array("DEFAULT a\nLABEL a\nKERNEL ::files/linux\n".utf8)
    bench.files["a-5254-00"] = [1]
    let machine = BootMachine(
      resuming: .script(
        "#!ipxe\n" + script, from: BootURL("http://10.77.0.1/files/x/a.ipxe") ?? .none),
      BootBench.identity(), architecture,
      lease: StationLease(
        address: IPv4Address(10, 77, 1, 9), nameServers: [BootBench.own],
        bootServer: BootBench.own, bootFile: "http://10.77.0.1/boot.ipxe", server: BootBench.own))
    return bench.run(machine).progress
  }

  @Test(arguments: [
    Row("kernel http://10.77.0.1/files/linux\nboot", kernel),
    Row("kernel /files/linux a=b\ninitrd ../initrd.gz || initrd /files/initrd.gz\nboot", whole),
    Row("set base http://10.77.0.1\nkernel ${base}/files/linux && boot", kernel),
    Row("kernel -n k http://${next-server}/files/linux\nboot k", kernel),
    Row(
      "imgfetch --name k /files/linux\nimgexec k",
      .booted(how: "starts http://10.77.0.1/files/linux")),
    Row("kernel /files/none || goto other\nboot\n:other\nkernel /files/linux\nboot", kernel),
    Row("kernel /files/none ||\nkernel /files/linux # a comment\nboot", kernel),
    Row(
      "kernel /files/none\nboot",
      .failed(at: .kernel, because: "GET http://10.77.0.1/files/none: 404")),
    Row(
      "kernel /files/linux\ninitrd /files/none\nboot",
      .failed(at: .initialRAMDisk, because: "GET http://10.77.0.1/files/none: 404")),
    Row("iseq ${platform} pcbios && exit 1 || kernel /files/none", left),
    Row(
      "iseq ${platform} efi && exit 1 ||\nsanboot --no-describe --drive 0x80 || exit 1",
      .booted(how: "starts its local disk")),
    Row("isset ${net1/ip} && exit 1 ||\nisset ${net0/ip} && kernel /files/linux\nboot", kernel),
    Row(
      "set n:int32 0\n:again\ninc n\niseq ${n} 3 || goto again\nkernel /files/linux\nboot", kernel),
    Row(
      "chain more.ipxe || chain /files/more.ipxe\niseq ${b} from-more && kernel /files/linux\nboot",
      kernel),
    Row(
      "kernel /files/a-${mac:hexraw} || kernel /files/a-5254-00\nboot",
      .booted(how: "starts http://10.77.0.1/files/a-5254-00")),
    Row("dhcp\nkernel /files/linux\nboot", kernel),
    Row(
      "kernel tftp://10.77.0.1/files/linux\nboot",
      .booted(how: "starts tftp://10.77.0.1/files/linux")),
    Row(
      "menu a\nitem --gap x\nitem one One\nitem two Two\nchoose --default two --timeout 2000 t && goto ${t}\n:one\nexit\n:two\nkernel /files/linux\nboot",
      kernel),
    Row(
      "menu a\nitem one One\nchoose t",
      .failed(at: .menu, because: "line 4 of http://10.77.0.1/files/x/a.ipxe waits for a choice")),
    Row(
      "frobnicate it",
      .failed(
        at: .script,
        because:
          "line 2 of http://10.77.0.1/files/x/a.ipxe: iPXE knows no command \u{201c}frobnicate\u{201d}"
      )),
    Row(
      "goto nowhere",
      .failed(
        at: .script, because: "line 2 of http://10.77.0.1/files/x/a.ipxe: there is no label nowhere"
      )),
    Row(":a\ngoto a", .failed(at: .script, because: "the script goes round for ever")),
    Row(
      "kernel http://nobody.lab.test/linux\nboot",
      .failed(
        at: .kernel,
        because: "http://nobody.lab.test/linux: 10.77.0.1 knows no address of nobody.lab.test")),
    Row(
      "kernel http://10.77.0.99/linux\nboot",
      .failed(at: .kernel, because: "GET http://10.77.0.99/linux: nobody listens there")),
    Row(
      "set 210:string tftp://10.77.0.1/loaders/signed/\nchain tftp://10.77.0.1/loaders/signed/pxelinux.0",
      .booted(how: "starts http://10.77.0.1/files/linux")),
  ])
  func aScriptLeadsWhereItSays(_ row: Row) {
    let progress = Self.run(row.script)
    // PXELINUX names its server by TFTP.
    if case .booted = row.progress, row.script.contains("pxelinux") {
      #expect(progress.isBooted, "\(progress)")
    } else {
      #expect(progress == row.progress)
    }
  }

  @Test func aLoaderForAnotherProcessorIsNotChained() {
    #expect(
      Self.run("chain http://10.77.0.1/loaders/ipxe/ipxe-arm64.efi", .x8664EFI)
        == .failed(
          at: .bootFile, because: "ipxe-arm64.efi is for arm64-efi, this firmware is x86-64-efi"))
  }
}

extension BootURL {
  fileprivate static let none = BootURL(.http, host: "", path: "/")
}
