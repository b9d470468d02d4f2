import Testing

@testable import Appliance

@Suite("The recorder's settings") struct RecorderSettingsTests {
  private func load(_ text: String) throws -> (Settings?, [String]) {
    let loaded = try ApplianceTests.load([
      "bootwire.yaml": "interfaces: [{name: eth1, dhcp: off}]\nstate: /var/lib/b\n" + text
    ])
    return (loaded.configuration?.settings, loaded.mistakes)
  }

  @Test func itIsOnUnlessItIsTurnedOff() throws {
    let settings = try #require(try load("").0)
    #expect(settings.recorder == RecorderSettings())
    #expect(settings.recordings == "/var/lib/b/recordings")
    #expect(try load("recorder: off").0?.recorder == nil)
    #expect(try load("recorder: off").1 == [])
    let own = try #require(try load("recorder: {folder: /srv/r, stall: 2m, limit: 1G}").0)
    #expect(
      own.recorder == RecorderSettings(folder: "/srv/r", stall: .seconds(120), limit: 1 << 30))
    #expect(own.recordings == "/srv/r")
  }

  @Test(arguments: [
    (
      "recorder: on",
      "bootwire.yaml:3:11 a single value, expected recorder as a mapping"
    ),
    (
      "recorder: {stall: 1s}",
      "bootwire.yaml:3:19 \"1s\" is not a time as 60s, from 5s to 1h, with s, m, h or d"
    ),
    (
      "recorder: {limit: 64}",
      "bootwire.yaml:3:19 \"64\" is not a size as 64M, from 16M to 64G, with M or G"
    ),
    (
      "recorder: {size: 64M}",
      "bootwire.yaml:3:12 unknown key \"size\" of recorder, expected one of folder, stall, limit"
    ),
  ])
  func whatIsWrongIsTold(_ text: String, _ mistake: String) throws {
    #expect(try load(text).1 == [mistake])
  }
}
