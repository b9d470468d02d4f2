extension Quirk {
  static let raspberryPi = [
    piIsToldByOption97, piMenu, piTakesServerAsText, piNamesItsFiles, piOfferIsEnough,
    piRequestIsShort, piReadsNoPads, piSerialIsLittleEndian, piPrefixFallsBack,
  ]

  package static let piIsToldByOption97 = Quirk(
    name: "pi-is-told-by-option-97",
    sign: .message("option 97 begins with RPi, or is one word four times beside class PXEClient"),
    effect: "option 93, which says x86 BIOS, is not read", firmware: "Raspberry Pi 2 to 5",
    source: "raspberrypi/rpi-eeprom#182, raspberrypi/firmware#1928",
    proof: .capture("public/rpi4-proxydhcp-hexdump/pi4-discover-offers-request.pcap"))

  package static let piMenu = Quirk(
    name: "pi-menu", sign: .kind(.pi),
    effect:
      "option 43 holds 6 = 3, 10 = 0 PXE, 9 = Raspberry Pi Boot with three more spaces, and 255",
    firmware: "Raspberry Pi 3 ROM, which takes a wrong length; newer ones look for the text within",
    source: "raspberrypi/documentation boot-net.adoc; raspberrypi/documentation#1686",
    proof: .capture("public/raspberrypi-documentation/pi3b-rom-discover-offer-rrq.pcap"))

  package static let piTakesServerAsText = Quirk(
    name: "pi-takes-server-as-text", sign: .kind(.pi),
    effect: "option 66 is a dotted quad without NUL, and another option follows it",
    firmware: "Raspberry Pi 4 until 2020-01-09, bootcode.bin of 2017",
    source: "raspberrypi/rpi-eeprom#72, raspberrypi/firmware#871",
    proof: .fixture("pi4-2019-discover"))

  package static let piNamesItsFiles = Quirk(
    name: "pi-names-its-files", sign: .kind(.pi),
    effect: "no file, no option 67: with one it repeats its DISCOVER",
    firmware: "Raspberry Pi", source: "raspberrypi/rpi-eeprom#182, raspberrypi/firmware#1850",
    proof: .fixture("pi4-2020-discover"))

  package static let piOfferIsEnough = Quirk(
    name: "pi-offer-is-enough", sign: .architecture(.raspberryPi3),
    effect: "an offered address is kept ten minutes: no REQUEST comes before Linux",
    firmware: "Raspberry Pi 3 ROM; bootcode.bin of 2022 too", source: "raspberrypi/firmware#1699",
    proof: .fixture("pi3-rom-discover"))

  package static let piRequestIsShort = Quirk(
    name: "pi-request-is-short", sign: .kind(.pi),
    effect:
      "the REQUEST for an OFFER keeps what the DISCOVER said; without option 55 all is wanted",
    firmware: "Raspberry Pi 4; of early 2020 also without option 60",
    source: "raspberrypi/rpi-eeprom#82",
    proof: .capture("public/rpi4-proxydhcp-hexdump/pi4-discover-offers-request.pcap"))

  package static let piReadsNoPads = Quirk(
    name: "pi-reads-no-pads", sign: .kind(.pi),
    effect: "pads come after END only", firmware: "Raspberry Pi 4 until 2020-01-17",
    source: "raspberrypi/rpi-eeprom#82", proof: .fixture("pi4-2019-request"))

  package static let piSerialIsLittleEndian = Quirk(
    name: "pi-serial-is-little-endian", sign: .kind(.pi),
    effect: "the last word of option 97 is turned round to be the serial number",
    firmware: "Raspberry Pi", source: "raspberrypi/firmware#941, #1605",
    proof: .fixture("pi3-bootcode-discover"))

  package static let piPrefixFallsBack = Quirk(
    name: "pi-prefix-falls-back", sign: .kind(.pi),
    effect: "a file below SERIAL/ or the MAC address is sought without it, then in loaders/pi",
    firmware: "Raspberry Pi 4 and 5, bootcode.bin",
    source: "raspberrypi/documentation eeprom-bootloader.adoc, TFTP_PREFIX",
    proof: .fixture("pi5-discover"))
}
