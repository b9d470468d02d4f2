import Bytes
import Network
import Wire

/// Who sends the DHCP messages of a flood: a machine that is many clients is seen by its own hardware
/// address, which its frames have and its messages have not (hardening case 16).
///
/// Taken over a few frames while a flood lasts. Who forges the frames' sender too is not found.
package struct FloodTrace: Sendable {
  private var clients: [MACAddress: Set<MACAddress>] = [:]
  package private(set) var frames = 0

  /// Frames that are looked at; more tell no more.
  package static let frameLimit = 256
  /// So many clients one machine may be: a host with its guests.
  package static let honest = 8

  package init() {}

  package var isComplete: Bool { frames >= Self.frameLimit }

  /// Takes a frame to port 67. What a relay hands on has the relay's sender, and says nothing.
  package mutating func take(_ frame: RawSpan) {
    guard !isComplete else { return }
    frames += 1
    do throws(Malformed) {
      let overheard = try OverheardFrame(checking: frame)
      guard overheard.message.isRequest, overheard.message.relayAddress == .unspecified,
        let client = overheard.message.hardwareAddress.macAddress, client != overheard.source
      else { return }
      clients[overheard.source, default: []].insert(client)
    } catch { return }
  }

  /// The machine that is the most clients, if it is more than an honest one; of two the one with the
  /// lower address.
  package var finding: (source: MACAddress, clients: Int)? {
    let found = clients.max { left, right in
      (left.value.count, right.key.number) < (right.value.count, left.key.number)
    }
    guard let found, found.value.count > Self.honest else { return nil }
    return (found.key, found.value.count)
  }
}
