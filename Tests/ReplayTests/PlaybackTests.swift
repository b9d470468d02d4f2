import Network
import RecordedPackets
import Replay
import Testing

/// Recorded boots of real firmware, in the world that they show.
@Suite(.enabled(if: CaptureFile.arePresent, "the captures of real firmware are not here"))
struct PlaybackTests {
  private func report(_ name: String) throws -> PlaybackReport {
    let file = try #require(CaptureFile.named(name + ".pcap"))
    var playback = Playback(Recording(file.recorded), in: .recorded)
    return playback.run()
  }

  @Test(arguments: [
    "amd64-bios-ipxerom-rtl8139", "amd64-bios-ipxerom-virtio", "amd64-bios-loss5",
    "amd64-bios-proxydhcp", "amd64-bios-pxelinux", "amd64-bios-relay",
    "amd64-bios-relay-serverside", "amd64-bios-slowserver", "amd64-bios-undionly-chain",
    "amd64-uefi-http-grub", "amd64-uefi-http-snponly", "amd64-uefi-ipxerom",
    "amd64-uefi-proxydhcp", "amd64-uefi-pxe-shim-grub", "amd64-uefi-pxe-snponly",
    "amd64-uefi-relay", "arm64-uboot-script-pxe", "arm64-uefi-http-grub",
    "arm64-uefi-pxe-shim-grub",
  ]) func aWholeBootBootsAgain(_ name: String) throws {
    let report = try report(name)
    #expect(report.machines.map(\.verdict) == [.boots])
  }

  @Test(arguments: ["amd64-debian-installer-preseed", "amd64-linux-udhcpc-report-ssh"])
  func aSecondStageIsAFragment(_ name: String) throws {
    let report = try report(name)
    #expect(report.machines.map(\.verdict) == [.answeredAsNeeded(messages: 4)])
  }

  @Test func aMachineThatNobodyAnsweredFails() throws {
    let verdict = try report("amd64-uefi-nooffer").machines.first?.verdict
    guard case .fails(.address, let reason) = verdict else {
      Issue.record("\(String(describing: verdict))")
      return
    }
    #expect(reason.contains("nobody answered"))
  }

  @Test func aMachineThatRefusedItsAnswersFailsAndSaysWhy() throws {
    let verdict = try report("amd64-bios-proxydhcp-siaddr0").machines.first?.verdict
    guard case .fails(.bootServer, let reason) = verdict else {
      Issue.record("\(String(describing: verdict))")
      return
    }
    #expect(reason.contains("siaddr"))
  }

  @Test(arguments: [
    "public/danderson+netboot/usec", "public/lh-dhcp/hyperv-gen1-pxe-discover-offer",
    "public/ci-tron/uboot-armv8-rpi4-request", "public/ci-tron/uboot-riscv64-efi-discover",
    "public/ci-tron/uefi-x64-http-discover",
    "public/raspberrypi-documentation/pi3b-rom-discover-offer-rrq",
    "public/rpi4-proxydhcp-hexdump/pi4-discover-offers-request",
  ]) func aFragmentIsAnsweredAsNeeded(_ name: String) throws {
    for machine in try report(name).machines {
      guard case .answeredAsNeeded(let messages) = machine.verdict else {
        Issue.record("\(machine.verdict)")
        continue
      }
      #expect(messages > 0)
    }
  }

  @Test func everyRecordingPlaysTheSameTwice() throws {
    for file in try CaptureFile.all() {
      let recording = Recording(file.recorded)
      var one = Playback(recording, in: .recorded)
      var two = Playback(recording, in: .recorded)
      let first = ReplayText("a", one.run())
      let second = ReplayText("a", two.run())
      #expect(first.transcript == second.transcript)
    }
  }

  @Test func noPublishedRecordingStopsIt() throws {
    for file in try CaptureFile.published() {
      let recording = Recording(file.recorded)
      var playback = Playback(recording, in: .recorded)
      let report = playback.run()
      #expect(report.machines.count <= recording.frameCount)
    }
  }
}
