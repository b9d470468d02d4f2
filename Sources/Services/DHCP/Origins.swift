import Boot
import Bytes
import Network
import Wire

/// Why a reply holds what it holds: noted where each part is written, for `explain`.
///
/// In production nobody asks. An origin is a closure then that is never called, and a note one
/// look at a constant: no allocation, no text, no second table of who sends what.
package struct Origins: Sendable {
  package enum Part: Hashable, Sendable {
    case option(UInt8)
    /// The BOOTP field `file`.
    case file
    /// `siaddr`.
    case nextServer
    /// `yiaddr`.
    case yourAddress
    /// Where the reply goes.
    case destination
  }

  package struct Note: Hashable, Sendable {
    package let part: Part
    package let origin: Origin
  }

  /// In the order in which the reply was made; a part that several rules made has several.
  package private(set) var notes: [Note] = []
  private let areAsked: Bool

  package init(areAsked: Bool) { self.areAsked = areAsked }

  @inline(__always)
  mutating func note(_ part: Part, _ origin: @autoclosure () -> Origin) {
    guard areAsked else { return }
    notes.append(Note(part: part, origin: origin()))
  }

  mutating func clear() { notes.removeAll(keepingCapacity: true) }
}

// Options of a reply, each with its origin.
extension Actions {
  @inline(__always)
  mutating func put(
    _ code: UInt8, _ value: [UInt8], by options: DHCPWriter, from origin: @autoclosure () -> Origin
  ) {
    origins.note(.option(code), origin())
    options.option(code, value, into: &writer)
  }

  @inline(__always)
  mutating func put(
    _ code: UInt8, _ text: String, by options: DHCPWriter, from origin: @autoclosure () -> Origin
  ) {
    origins.note(.option(code), origin())
    options.option(code, text, into: &writer)
  }

  @inline(__always)
  mutating func put(
    _ code: UInt8, number: UInt32, by options: DHCPWriter, from origin: @autoclosure () -> Origin
  ) {
    origins.note(.option(code), origin())
    options.option(code, number: number, into: &writer)
  }

  @inline(__always)
  mutating func put(
    _ code: UInt8, address: IPv4Address, by options: DHCPWriter,
    from origin: @autoclosure () -> Origin
  ) {
    origins.note(.option(code), origin())
    options.option(code, address: address, into: &writer)
  }
}
