import Boot
import Bytes

/// The actions of one message, with the bytes that they send.
///
/// The driver owns it, and clears it before each message: a service that fills it allocates
/// nothing once it has grown.
package struct Actions: Sendable {
  package private(set) var list: [Action] = []
  /// Replies are encoded here, one after another.
  package var writer = ByteWriter(reserving: 4096)
  /// Used again by every decision.
  package var reasons: [Reason] = []
  /// Noted only for who asks.
  package internal(set) var origins: Origins

  /// A part of `writer`'s bytes.
  package struct Bytes: Hashable, Sendable {
    package let start: Int
    package let count: Int

    package init(start: Int, count: Int) {
      self.start = start
      self.count = count
    }
  }

  /// - Parameter explained: Whether replies are to say where they have their options from.
  package init(explained: Bool = false) {
    origins = Origins(areAsked: explained)
    list.reserveCapacity(16)
    reasons.reserveCapacity(16)
  }

  package mutating func append(_ action: Action) { list.append(action) }

  package mutating func record(_ event: Event) { list.append(.record(event)) }

  /// What was written since `start`.
  package func written(since start: Int) -> Bytes {
    Bytes(start: start, count: writer.count - start)
  }

  /// The bytes that an action names.
  package func octets(_ part: Bytes) -> ArraySlice<UInt8> {
    writer.bytes[part.start..<part.start + part.count]
  }

  /// Forgets all actions and bytes; the memory is kept.
  package mutating func clear() {
    list.removeAll(keepingCapacity: true)
    writer.clear()
    reasons.removeAll(keepingCapacity: true)
    origins.clear()
  }
}

extension Actions {
  /// Calls `body` with the bytes that an action names, borrowed.
  package func withOctets(_ part: Bytes, _ body: (RawSpan) -> Void) {
    body(writer.bytes.rawSpan.extracting(part.start..<part.start + part.count))
  }
}

extension Actions {
  /// Takes over an action with the bytes that it sends.
  package mutating func adopt(_ action: Action, from other: Actions) {
    guard case .send(var reply) = action else { return append(action) }
    let start = writer.count
    writer.write(other.octets(reply.payload))
    reply.payload = written(since: start)
    append(.send(reply))
  }
}
