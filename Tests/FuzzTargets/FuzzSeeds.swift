import Boot
import Bytes
import Capture
import Foundation
import Network
import RecordedPackets
import Wire

/// What fuzzing begins with: the recorded packets, boots and configurations of Fixtures.
package enum FuzzSeeds {
  static let configurations = fixtures.appendingPathComponent("configurations")
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures")
  /// What was found once, and must be survived ever after.
  package static let findings = fixtures.appendingPathComponent("findings")

  static let packets = PacketFixture.all.map(\.octets)

  /// The seeds of a target, and all that was found in it.
  package static func all(of target: FuzzTarget) -> [[UInt8]] {
    made(of: target) + files(findings.appendingPathComponent(target.rawValue))
  }

  private static func made(of target: FuzzTarget) -> [[UInt8]] {
    switch target {
    case .dhcp: packets
    case .options: options
    case .dhcpService: packets.map { Pieces.joined([(0, $0)]) } + conversations
    case .tftp: payloads(to: [69]) + [[0, 6] + Array("blksize\u{0}512\u{0}".utf8)]
    case .tftpService:
      payloads(to: [69]).map {
        Pieces.joined([
          (0, $0), (1, [0, 4, 0, 0]), (1, [0, 4, 0, 1]), (4, $0), (1, [0, 5, 0, 0]),
        ])
      }
    case .dns: names
    case .dnsService: names.map { Pieces.joined([(0, $0), (1, answer(to: $0)), (10, $0)]) }
    case .httpHead: requests
    case .httpService:
      requests.map { Pieces.joined([(0, $0), (2, $0)]) } + [Pieces.joined([(2, report)])]
    case .link: captures.flatMap { $0.recorded.prefix(8) }.map { [0] + $0.octets.prefix(400) }
    case .pcap, .recording: boots
    case .tcp: streams
    case .elidedList: files(fixtures.appendingPathComponent("replays"), ending: ".elided")
    case .yaml, .configuration: files(configurations, ending: ".yaml") + smallConfigurations
    case .json:
      texts(#"{"a": -0.50E+3, "ä": [true, null, "x\n\"\u00e4\ud83d\ude00"], "b":{}}"#, "[]")
    case .template:
      files(configurations, ending: ".mustache").map { Array("a\n".utf8) + $0 } + templates
    case .ipxeScript: scripts
    case .menus: menus
    case .report: [Array(report.suffix(200)), report]
    }
  }

  private static func texts(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  private static func files(_ folder: URL, ending: String = "") -> [[UInt8]] {
    let names = FileManager.default.enumerator(atPath: folder.path)?
      .compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted()
    return (names ?? []).compactMap { name in
      (try? Data(contentsOf: folder.appendingPathComponent(name))).map { [UInt8]($0) }
    }
  }
}

// Packets.
extension FuzzSeeds {
  private static let captures = CaptureFile.fixtures

  private static func payloads(to ports: Set<Int>) -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    return captures.flatMap { $0.payloads(ports: ports) }.filter { seen.insert($0).inserted }
  }

  private static let options: [[UInt8]] =
    packets.flatMap { octets -> [[UInt8]] in
      (FuzzTarget.meaning(octets)?.options ?? []).compactMap { option in
        FuzzTarget.optionCodes.firstIndex(of: option.code).map { [UInt8($0)] + option.value }
      }
    } + [[0, 1, 2, 0x70, 0x30, 2, 4, 1, 2, 3, 4], [1, 6, 1, 8, 255]]

  private static let conversations = captures.map { file in
    Pieces.joined(file.datagrams(ports: [67, 4011]).prefix(8).map { (0, $0.payload) })
  }

  private static let names: [[UInt8]] =
    payloads(to: [53]) + [
      query("www.lab.test"), query("nobody.lab.test", 28), query("9.0.77.10.in-addr.arpa", 12),
      query("example.org"), query("box.lab.test", 255, edns: true),
    ]

  private static func query(_ name: String, _ type: UInt16 = 1, edns: Bool = false) -> [UInt8] {
    var writer = ByteWriter()
    DNSHeader(
      id: FuzzTarget.dice, flags: 0x0100, questionCount: 1, additionalCount: edns ? 1 : 0
    ).encode(into: &writer)
    for label in name.split(separator: ".") {
      writer.write(UInt8(label.utf8.count))
      writer.write(String(label))
    }
    writer.write(0 as UInt8)
    writer.write(type)
    writer.write(1 as UInt16)
    if edns { writer.write([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] as [UInt8]) }
    return writer.bytes
  }

  /// An answer with an address and an alias, as another server gives it.
  private static func answer(to query: [UInt8]) -> [UInt8] {
    guard query.count > 12 else { return [] }
    var bytes = query
    bytes.replaceSubrange(0..<8, with: [0x47, 0x11, 0x81, 0x80, 0, 1, 0, 2])
    bytes += [0xc0, 12, 0, 5, 0, 1, 0, 0, 1, 44, 0, 4, 1, 0x61, 0xc0, 12]
    return bytes + [1, 0x61, 0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 198, 51, 100, 7]
  }
}

// Streams and recordings.
extension FuzzSeeds {
  private static let report = Array(
    """
    POST /machines/\(FuzzSite.token ?? "x")/report HTTP/1.1\r
    Host: 10.77.0.1\r
    Content-Length: 94\r
    \r
    state=installed
    hostname=rack3-07
    address=10.77.0.7
    os=debian
    kernel=6.1
    disk=/dev/sda
    a=bcdef

    """.utf8)

  private static let requests = texts(
    "GET /boot.ipxe HTTP/1.1\r\nHost: 10.77.0.1\r\nUser-Agent: iPXE/1.21.1\r\n\r\n",
    "HEAD /files/a/f.efi HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "GET /files/a/f.efi HTTP/1.1\r\nRange: bytes=2-5\r\nIf-Range: \"a\"\r\n\r\nGET /files/empty HTTP/1.0\r\n\r\n",
    "GET /a/%2e%2e/f?mac=52:54:00:12:34:56 HTTP/1.1\r\nIf-None-Match: \"x\", *\r\n\r\n",
    "GET http://a/files/lines.txt HTTP/1.1\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n",
    "POST /machines/rack3-07/report HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\na=b\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "GET /machines/\(FuzzSite.token ?? "x")/answers/preseed.cfg HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /machines/rack3-07/hooks/post-install HTTP/1.1\r\n\r\n",
    "GET /pxelinux.cfg/01-52-54-00-12-34-56 HTTP/1.1\r\n\r\n")

  /// The first frames of each recorded boot: all of one would take too long.
  private static let boots: [[UInt8]] = captures.map { file in
    var size = 0
    let frames = file.recorded.prefix {
      size += $0.octets.count
      return size < 12_000
    }
    return SavefileWriter.octets(Array(frames))
  }

  /// Requests and answers with every kind of body, in pieces.
  private static let streams: [[UInt8]] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\nto the end", "HTTP/1.1 206 P\r\nContent-Range: bytes 2-4/9\r\n\r\nabc",
  ].map { answer in
    let request = Array("GET /files/linux HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    let answer = Array(answer.utf8)
    let half = answer.count / 2
    return Pieces.joined([
      (2, [0, 0]), (3, [0, 0]), (0, [0, 1] + request), (1, [0, 1] + answer[..<half]),
      (1, [0, UInt8(half + 1)] + answer[half...]), (4, [0, UInt8(request.count + 1)]),
      (5, [0, UInt8(answer.count + 1)]),
    ])
  }
}

// Texts.
extension FuzzSeeds {
  private static let smallConfigurations = texts(
    """
    files: /srv/bootwire
    interfaces: [{name: s0, dhcp: authoritative}]
    subnets: [{network: 10.77.0.0/24, interface: s0, pools: [10.77.0.100-10.77.0.199]}]
    profiles: {rescue: {kernel: linux, initrd: [initrd.gz], arguments: console=ttyS0}}
    default-profile: rescue

    """,
    """
    files: /srv
    interfaces: [{name: s0, dhcp: authoritative, dns: true}]
    subnets: [{network: 10.77.0.0/24, interface: s0, lease: 10m}]
    dns: {zone: lab.test, records: {www: [A 10.77.0.9]}, forward: [192.0.2.53]}
    machines: {rack1: {mac: "52:54:00:00:00:01", address: 10.77.0.9, profile: rescue}}
    profiles: {rescue: {local: true, match: {firmware: [pxe]}}}

    """)

  private static let templates = texts(
    "a\n{{#keys.authorized}}{{.}} {{/keys.authorized}}{{^subnet.dns}}no{{/subnet.dns}}",
    "{{\n{{> s}} {{machine.hostname}}{{machine.serial | shell}}", "x\n{{! c }}\n{{{values.v}}}\n")

  private static let scripts = texts(
    "set a b\n:x\niseq ${a} b && goto x ||\nkernel ${next-server}/linux\nboot\n",
    "menu m\nitem --key a b c\nchoose --default b --timeout 1000 t && goto ${t}\n:b\nexit 0\n",
    "isset ${net0/ip} && chain --autofree tftp://10.77.0.1/x${uuid:hexhyp}.ipxe || sanboot\n",
    "initrd http://10.77.0.1/files/linux\nimgfree\ninc x\nparams\nsleep 1\nprompt\n")

  private static let menus = texts(
    "\u{0}DEFAULT a\nTIMEOUT 5\nINCLUDE b\nLABEL a\n KERNEL linux\n APPEND initrd=initrd.gz a=b\n",
    "\u{0}DEFAULT vesamenu.c32\nLABEL x\nMENU DEFAULT\nLOCALBOOT 0\n",
    "\u{1}set timeout=1\nif [ -e /a ]; then\n configfile /b\nfi\nmenuentry 'x' --id y { linux /linux a=${b}\ninitrd /initrd.gz\n}\n",
    "\u{1}for i in 1 2; do echo $i; done\nfunction f { true; }\nwhile f; do f; done\nexit\n",
    "\u{2}setenv a b; if test ${a} = b; then tftpboot ${kernel_addr_r} linux; fi\nbooti ${kernel_addr_r} - ${fdt_addr}\n",
    "\u{3}[all]\nkernel=linux\ninitramfs initrd.gz followkernel\n[pi4]\nos_prefix=a/\n")
}
