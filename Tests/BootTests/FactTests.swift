import Boot
import Network
import Testing

@Suite struct FactTests {
  @Test func noFloodOfStrangersPushesOutWhatTheOperatorDid() {
    let own: [Fact] = [
      .applianceStarted(version: "1"), .configurationRefused(mistakes: 1, first: ""),
      .configurationLoaded(generation: 2), .loaderRefused(reason: ""),
      .databaseSetAside(path: "", reason: "", salvaged: 0),
    ]
    for fact in own { #expect(fact.isOwn, "\(fact.name)") }
    let strangers: [Fact] = [
      .fileCut(name: "", byteCount: 0, of: 1), .packetMalformed(.http, reason: ""),
      .requestDenied(name: "", status: 400), .machineReported(text: ""),
      .actionFailed(reason: ""),
    ]
    for fact in strangers { #expect(!fact.isOwn, "\(fact.name)") }
  }
}
