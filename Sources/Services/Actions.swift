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
    append(adopted(action, from: other))
  }

  private mutating func adopted(_ action: Action, from other: Actions) -> Action {
    switch action {
    case .send(var reply):
      reply.payload = copied(reply.payload, from: other)
      return .send(reply)
    case .sendFrame(let bytes, let interface):
      return .sendFrame(copied(bytes, from: other), interface: interface)
    case .sendFromTransfer(let id, let bytes, let endpoint):
      return .sendFromTransfer(id, copied(bytes, from: other), to: endpoint)
    case .takeReport(let id, let bearer, let bytes):
      return .takeReport(id, bearer, copied(bytes, from: other))
    case .respond(let id, let bytes): return .respond(id, copied(bytes, from: other))
    case .answer(let id, let bytes): return .answer(id, copied(bytes, from: other))
    case .ask(let id, let bytes, let server):
      return .ask(id, copied(bytes, from: other), server)
    case .askByStream(let id, let bytes, let server):
      return .askByStream(id, copied(bytes, from: other), server)
    case .store, .erase, .keep, .probe, .openTransfer, .sendBlocks, .closeTransfer, .openResource,
      .respondFile, .close, .hangUp, .record:
      return action
    }
  }

  private mutating func copied(_ part: Bytes, from other: Actions) -> Bytes {
    let start = writer.count
    writer.write(other.octets(part))
    return written(since: start)
  }
}
