import Boot
import Network
import Wire

/// A DHCP reply as a client sees it, with the question that it answers: what the rules of acceptance
/// are asked about.
package struct ReceivedReply: Hashable, Sendable {
  package enum Role: String, CaseIterable, Sendable {
    /// An OFFER with an address.
    case offer = "OFFER"
    /// An OFFER without one (PXE 2.1 §2.2.3).
    case proxyOffer = "proxyDHCP OFFER"
    case acknowledgement = "ACK"
    /// An answer of port 4011.
    case bootServer = "ACK of port 4011"
  }

  /// The firmware that asked, as its question shows it.
  package let firmware: Firmware?
  package let question: DHCPMeaning
  /// The port that the question left from.
  package let questionPort: UInt16
  package let reply: DHCPMeaning
  /// The reply's UDP payload.
  package let octets: [UInt8]
  /// Where the reply came from and where it went to.
  package let source: Endpoint
  package let destination: Endpoint
  package let role: Role

  package init(
    firmware: Firmware?, question: DHCPMeaning, questionPort: UInt16 = 68, reply: DHCPMeaning,
    octets: [UInt8], source: Endpoint, destination: Endpoint, role: Role
  ) {
    self.firmware = firmware
    self.question = question
    self.questionPort = questionPort
    self.reply = reply
    self.octets = octets
    self.source = source
    self.destination = destination
    self.role = role
  }

  /// The role of a reply to port 67's question; nil: a NAK, or no reply at all.
  package static func role(of reply: DHCPMeaning) -> Role? {
    switch reply.type {
    case .offer: reply.header.yourAddress == .unspecified ? .proxyOffer : .offer
    case .ack: .acknowledgement
    case .discover, .request, .decline, .nak, .release, .inform, nil: nil
    }
  }
}

/// Why a firmware does not take a reply as it was meant.
package struct Refusal: Hashable, Sendable {
  /// What the firmware does instead.
  package enum Effect: Hashable, Sendable {
    /// As if the reply had not come.
    case dropped
    /// Asks port 4011 of the server, which may not answer.
    case asksBootServer
    /// Takes it, and goes astray.
    case misled
  }

  /// `option 60`, `siaddr`, `port`.
  package let part: String
  package let because: String
  package let effect: Effect
  package let quirk: Quirk?

  package init(
    _ part: String, _ because: String, _ effect: Effect = .dropped, _ quirk: Quirk? = nil
  ) {
    self.part = part
    self.because = because
    self.effect = effect
    self.quirk = quirk
  }
}

extension Refusal: CustomStringConvertible {
  package var description: String { "\(part): \(because)" }
}
