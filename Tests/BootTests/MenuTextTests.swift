import Network
import Testing

@testable import Boot

/// The text of each language for the same decisions.
@Suite struct MenuTextTests {
  static let server = IPv4Address(10, 77, 0, 1)

  static func kernel(
    _ kernel: String = "debian/linux", _ initrd: [String] = ["debian/initrd.gz"],
    _ arguments: String = "auto=true url=http://10.77.0.1/a"
  ) -> MenuEntry {
    MenuEntry(
      title: "machine rack3-07 boots debian-12",
      .kernel(
        BootSource(kernel), initrd: initrd.map { BootSource($0) }, arguments: arguments))
  }

  static let local = MenuEntry(title: "machine rack3-07 boots local", .local)
  static let refusal = MenuEntry(title: "machine 'x' is not known", .refusal("it's \"new\"; $a"))

  @Test func pxelinuxGetsTheKernel() {
    #expect(
      PXELINUXMenu(dialect: .pxelinux(Self.server)).render(Self.kernel("debian/linux", initrds))
        == """
        # bootwire: made for this machine when it asked
        DEFAULT bootwire
        PROMPT 0
        TIMEOUT 300
        SAY bootwire: machine rack3-07 boots debian-12
        LABEL bootwire
          LINUX 10.77.0.1::files/debian/linux
          INITRD 10.77.0.1::files/debian/initrd.gz,http://10.0.0.2/more.gz
          APPEND auto=true url=http://10.77.0.1/a

        """)
  }

  @Test func aPXELINUXThatAsksByHTTPFetchesByIt() {
    let server = Variables.Server(address: Self.server, httpPort: 8080)
    let text = PXELINUXMenu(dialect: .pxelinuxByHTTP(server)).render(Self.kernel())
    #expect(text.contains("  LINUX http://10.77.0.1:8080/files/debian/linux\n"))
    #expect(text.contains("  INITRD http://10.77.0.1:8080/files/debian/initrd.gz\n"))
  }

  private let initrds = ["debian/initrd.gz", "http://10.0.0.2/more.gz"]

  @Test func pxelinuxLeavesToTheDisk() {
    #expect(
      PXELINUXMenu(dialect: .pxelinux(Self.server)).render(Self.local) == """
        # bootwire: made for this machine when it asked
        DEFAULT local
        PROMPT 0
        SAY bootwire: machine rack3-07 boots local
        LABEL local
          LOCALBOOT 0

        """)
  }

  @Test func pxelinuxShowsARefusal() {
    #expect(
      PXELINUXMenu(dialect: .pxelinux(Self.server)).render(Self.refusal) == """
        # bootwire: made for this machine when it asked
        DEFAULT local
        PROMPT 1
        TIMEOUT 300
        MENU TITLE bootwire: it_s _new__ _a
        SAY bootwire: it_s _new__ _a
        LABEL local
          LOCALBOOT 0

        """)
  }

  @Test func ubootsDialectHasNoSayAndEscapesItsVariables() {
    let text = PXELINUXMenu(dialect: .uboot).render(
      Self.kernel("l", [], "a=${serverip} b='c' d=\\e"))
    #expect(
      text == """
        # bootwire: made for this machine when it asked
        DEFAULT bootwire
        PROMPT 0
        LABEL bootwire
          LINUX /files/l
          APPEND a=\\${serverip} b=\\'c\\' d=\\\\e

        """)
  }

  @Test func grubGetsTheKernelByTheTransportOfItsMenu() {
    let expected = """
      # bootwire: made for this machine when it asked
      set timeout=0
      set default=0
      menuentry 'bootwire: machine rack3-07 boots debian-12' {
        linux '(tftp,10.77.0.1)/files/debian/linux' 'auto=true' 'url=http://10.77.0.1/a'
        initrd '(tftp,10.77.0.1)/files/debian/initrd.gz' '(http,10.0.0.2)/more.gz'
      }

      """
    let entry = Self.kernel("debian/linux", initrds)
    #expect(GRUBMenu(transport: .tftp, server: Self.server).render(entry) == expected)
    #expect(
      GRUBMenu(transport: .http(port: 8080), server: Self.server).render(entry)
        == expected.replacing("(tftp,10.77.0.1)", with: "(http,10.77.0.1:8080)"))
    #expect(
      GRUBMenu(transport: .https(port: 443), server: Self.server).render(entry)
        == expected.replacing("(tftp,10.77.0.1)", with: "(https,10.77.0.1)"))
    #expect(
      GRUBMenu(transport: .https(port: 8443), server: Self.server).render(entry)
        == expected.replacing("(tftp,10.77.0.1)", with: "(https,10.77.0.1:8443)"))
  }

  @Test func grubFetchesFromElsewhereByTLSWhereItsFirmwareDoes() {
    let text = GRUBMenu(transport: .https(port: 443), server: Self.server)
      .render(Self.kernel("https://10.0.0.2/linux"))
    #expect(text.contains("  linux '(https,10.0.0.2)/linux'"))
  }

  @Test func grubLeavesToTheDisk() {
    #expect(
      GRUBMenu(transport: .tftp, server: Self.server).render(Self.local) == """
        # bootwire: made for this machine when it asked
        set timeout=0
        set default=0
        menuentry 'bootwire: machine rack3-07 boots local' {
          if [ "$grub_platform" = pc ]; then
            set root=(hd0)
            chainloader +1
            boot
          fi
          exit 1
        }

        """)
  }

  @Test func grubShowsWhatItCannotFetch() {
    let text = GRUBMenu(transport: .tftp, server: Self.server)
      .render(Self.kernel("https://10.0.0.2/linux"))
    #expect(
      text.contains("  echo 'bootwire: GRUB cannot fetch https://10.0.0.2/linux'\n"))
    #expect(text.contains("  sleep --interruptible 30\n  exit 1\n"))
    #expect(!text.contains("  linux"))
  }

  @Test func ubootsScriptLoadsAndStarts() {
    #expect(
      UBootScript(server: Self.server).render(Self.kernel("debian/linux", initrds)) == """
        # bootwire: made for this machine when it asked
        echo 'bootwire: machine rack3-07 boots debian-12'
        setenv bootargs 'auto=true url=http://10.77.0.1/a'
        setenv bootwire_ok 1
        tftpboot ${kernel_addr_r} '10.77.0.1:files/debian/linux' || setenv bootwire_ok
        setenv bootwire_next ${ramdisk_addr_r}
        tftpboot ${bootwire_next} '10.77.0.1:files/debian/initrd.gz' || setenv bootwire_ok
        setexpr bootwire_next ${bootwire_next} + ${filesize}
        wget ${bootwire_next} 'http://10.0.0.2/more.gz' || setenv bootwire_ok
        setexpr bootwire_next ${bootwire_next} + ${filesize}
        setexpr bootwire_size ${bootwire_next} - ${ramdisk_addr_r}
        setenv bootwire_initrd ${ramdisk_addr_r}:${bootwire_size}
        if test -n "${fdt_addr}"; then setenv bootwire_fdt ${fdt_addr}; else setenv bootwire_fdt \
        ${fdtcontroladdr}; fi
        if test -n "${bootwire_ok}"; then booti ${kernel_addr_r} ${bootwire_initrd} \
        ${bootwire_fdt} || bootz ${kernel_addr_r} ${bootwire_initrd} ${bootwire_fdt}; fi

        """)
    #expect(
      UBootScript(server: Self.server).render(Self.local) == """
        # bootwire: made for this machine when it asked
        echo 'bootwire: machine rack3-07 boots local'

        """)
  }

  @Test func autoexecUsesALeaseThatIPXEKnowsAndAsksForOneOtherwise() {
    #expect(
      AutoexecScript(server: Variables.Server(address: Self.server, httpPort: 8080)).render() == """
        #!ipxe
        isset ${net0/ip} && ifopen net0 && goto script ||
        isset ${net1/ip} && ifopen net1 && goto script ||
        isset ${net2/ip} && ifopen net2 && goto script ||
        isset ${net3/ip} && ifopen net3 && goto script ||
        goto lease
        :script
        imgfetch --name boot.ipxe http://10.77.0.1:8080/boot.ipxe && goto start ||
        :lease
        dhcp || exit 1
        imgfetch --name boot.ipxe http://10.77.0.1:8080/boot.ipxe || exit 1
        :start
        imgexec boot.ipxe

        """)
  }

  /// Texts that would be commands if they were not quoted or refused.
  static let hostile = [
    "a\nboot", "a\r\nLABEL x", "'; reboot; '", "\"; reboot", "`reboot`", "${serverip}", "$(reboot)",
    "a\\", "\\'", "} menuentry x {", "a,b", "a b", "# no", "a\u{2028}b", "ä\u{0}b", "x;y|z&", "-",
  ]

  @Test(arguments: hostile)
  func noTextBreaksOutOfItsPlace(_ text: String) {
    let entries = [
      Self.kernel(text, [text], text), MenuEntry(title: text, .local),
      MenuEntry(title: text, .refusal(text)), Self.kernel("http://\(text)/x", [], text),
      Self.kernel("http://h/\(text)", ["l"], "x=\"\(text)\""),
    ]
    let first = [
      "#", "DEFAULT", "PROMPT", "SAY", "LABEL", "LINUX", "INITRD", "APPEND", "LOCALBOOT",
      "TIMEOUT", "MENU",
    ]
    for entry in entries {
      for dialect in [PXELINUXMenu.Dialect.pxelinux(Self.server), .uboot] {
        for line in PXELINUXMenu(dialect: dialect).render(entry).split(separator: "\n") {
          let word = line.split(separator: " ")[0]
          #expect(first.contains(String(word)), "\(line)")
        }
      }
      let grub = GRUBMenu(transport: .tftp, server: Self.server).render(entry)
      #expect(Self.outsideOfQuotes(grub) == Self.outsideOfQuotes(grub).filter(Self.isOurs))
      let script = UBootScript(server: Self.server).render(entry)
      #expect(!Self.outsideOfQuotes(script).contains("reboot"), "\(script)")
      #expect(script.utf8.count { $0 == UInt8(ascii: "'") }.isMultiple(of: 2))
      #expect(!script.contains("\\"))
    }
  }

  /// What is left when the words in single quotes are taken away, and `\'` between them.
  private static func outsideOfQuotes(_ text: String) -> String {
    var outside = ""
    var isQuoted = false
    for part in text.replacing("'\\''", with: "").split(
      separator: "'", omittingEmptySubsequences: false)
    {
      if !isQuoted { outside += part }
      isQuoted.toggle()
    }
    return outside
  }

  /// GRUB's own text is ASCII, and none of it comes from outside.
  private static func isOurs(_ character: Character) -> Bool {
    character.isASCII && !"`|&,\\".contains(character)
  }

  @Test func aKernelsWordsArePartedAsTheKernelDoes() {
    #expect(
      BootText.words("a  b=\"c d\" \"e f\" g\"h\"i \"\" ") == ["a", "b=c d", "e f", "ghi", ""])
    #expect(BootText.words("") == [])
  }
}
