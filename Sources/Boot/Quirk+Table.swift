extension Quirk {
  /// The table. A row is proven by a message that a test plays.
  package static let all =
    [
      proxyOfferLeadsEFIToBootServer, proxyOfferHasNextServer, offeredFileIsEnough,
      bootServerEchoesChoice, classMakesBINL, menuItemZeroIsTheDisk, httpClientWantsItsClass,
      urlsHoldAddresses, noProxyToWaitFor, userClassIsMissing, architectureInClass, sevenMeansX64,
      sizeIsOverstated, serialInPlaceOfUUID, bootpFieldsOnly, firstOfferIsTaken,
    ] + raspberryPi + localBoot

  package static let proxyOfferLeadsEFIToBootServer = Quirk(
    name: "proxy-offer-leads-efi-to-boot-server", sign: .efi,
    effect:
      "a proxyDHCP OFFER holds option 60 and neither 43 nor a file: the client asks port 4011",
    firmware: "EDK II 2022.11 and those derived from it",
    source: "tianocore/edk2#8149, #6944; FOGProject/fog-docs#188",
    proof: .capture("amd64-uefi-proxydhcp.pcap"))

  package static let proxyOfferHasNextServer = Quirk(
    name: "proxy-offer-has-next-server", sign: .kind(.ipxe),
    effect: "siaddr is ours in a proxyDHCP OFFER, even though its file is a URL",
    firmware: "iPXE 1.0.0 (2019); with siaddr 0 it refuses every answer of port 4011 too",
    source: "recorded in the lab", proof: .capture("amd64-bios-proxydhcp-siaddr0.pcap"))

  package static let offeredFileIsEnough = Quirk(
    name: "offered-file-is-enough", sign: .architecture(.x86BIOS),
    effect:
      "option 43.6 = 8 in a proxyDHCP OFFER: the file in it is started, no menu, no discovery",
    firmware: "BIOS PXE ROMs and iPXE", source: "PXE 2.1 \u{a7}2.2.3, PXE_DISCOVERY_CONTROL",
    proof: .capture("amd64-bios-proxydhcp.pcap"))

  package static let bootServerEchoesChoice = Quirk(
    name: "boot-server-echoes-choice",
    sign: .message("a REQUEST to port 4011 with option 43.71"),
    effect: "port 4011 is served in authoritative mode too, and sends 43.71 back",
    firmware: "ASRock and Supermicro boards' BIOS ROMs; PXE-E55 without an answer",
    source: "danderson/netboot pcap/testdata, siderolabs/sidero#1212",
    proof: .capture("public/danderson+netboot/usec.pcap"))

  package static let classMakesBINL = Quirk(
    name: "class-makes-binl", sign: .efi,
    effect: "an OFFER with an address holds no option 60: with it, and no 43, port 4011 is asked",
    firmware: "EDK II", source: "tianocore/edk2#8149", proof: .fixture("edk2-x64-pxe-discover"))

  package static let menuItemZeroIsTheDisk = Quirk(
    name: "menu-item-zero-is-the-disk", sign: .efi,
    effect:
      "to boot its own disk it is sent a menu of item 0 alone (43.9); with no answer, or an address"
      + " alone, it asks again and again for a minute before it goes on",
    firmware: "EDK II", source: "PXE 2.1 \u{a7}2.2.3, PXE_BOOT_MENU; measured in the lab",
    proof: .fixture("edk2-x64-pxe-discover"))

  package static let httpClientWantsItsClass = Quirk(
    name: "http-client-wants-its-class", sign: .kind(.http),
    effect: "option 60 = HTTPClient, the URL in 67 and in file, neither 66 nor 43",
    firmware: "EDK II's HTTP Boot", source: "xcat2/xcat-core#7743",
    proof: .fixture("edk2-x64-http-discover"))

  package static let urlsHoldAddresses = Quirk(
    name: "urls-hold-addresses", sign: .kind(.http),
    effect: "URLs hold an address, no name: what HTTP Boot starts cannot resolve names",
    firmware: "Dell R640 and others", source: "ipxe/ipxe#1200, #1316",
    proof: .capture("public/ci-tron/uefi-x64-http-discover.pcap"))

  package static let noProxyToWaitFor = Quirk(
    name: "no-proxy-to-wait-for", sign: .kind(.ipxe),
    effect: "option 175.176 = 1 where we give the address: no wait of 3 s for a proxyDHCP",
    firmware: "iPXE", source: "measured in the lab", proof: .fixture("ipxe-bios-discover"))

  package static let userClassIsMissing = Quirk(
    name: "user-class-is-missing", sign: .message("option 175 holds sub-option 19 (HTTP)"),
    effect: "taken for iPXE without the user class iPXE",
    firmware: "Mellanox FlexBoot", source: "warewulf/warewulf3#104",
    proof: .fixture("flexboot-discover"))

  package static let architectureInClass = Quirk(
    name: "architecture-in-class",
    sign: .message("option 60 = PXEClient:Arch:NNNNN without option 93"),
    effect: "the architecture is read from the class", firmware: "EDK II on the Raspberry Pi 4",
    source: "bootimus#118", proof: .fixture("edk2-class-only-discover"))

  package static let sevenMeansX64 = Quirk(
    name: "seven-means-x64", sign: .architecture(.x8664EFI),
    effect: "codes 7 and 9, 16 and 17 are all taken for x86-64",
    firmware: "all x86-64 UEFI", source: "opnsense/core#2223, xcat2/xcat-core#7645",
    proof: .fixture("edk2-x64-pxe-discover"))

  package static let sizeIsOverstated = Quirk(
    name: "size-is-overstated", sign: .message("option 57 above 1500"),
    effect: "a reply is no longer than an Ethernet frame takes",
    firmware: "EDK II, whose REQUEST says 65280", source: "recorded in the lab",
    proof: .fixture("edk2-x64-pxe-request"))

  package static let serialInPlaceOfUUID = Quirk(
    name: "serial-in-place-of-uuid",
    sign: .message("option 97 of type 0 holds letters and digits, then zeros"),
    effect: "it is the machine's serial number, no UUID", firmware: "HP BIOS ROMs",
    source: "a published packet of an HP machine", proof: .fixture("hp-bios-discover"))

  package static let bootpFieldsOnly = Quirk(
    name: "bootp-fields-only", sign: .kind(.uboot),
    effect: "the file stands in the BOOTP field, with siaddr; 66 and 67 are not asked for",
    firmware: "U-Boot 2023.01", source: "recorded in the lab",
    proof: .fixture("uboot-arm64-discover"))

  package static let firstOfferIsTaken = Quirk(
    name: "first-offer-is-taken",
    sign: .message("option 60 = U-Boot\u{2026}, or option 94 = 1.0.0"),
    effect: "no proxyDHCP OFFER: it would ask for the address 0.0.0.0 that is in it",
    firmware: "U-Boot without CONFIG_SERVERIP_FROM_PROXYDHCP", source: "U-Boot net/bootp.c",
    proof: .fixture("uboot-arm64-efi-discover"))
}
