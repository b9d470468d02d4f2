import Bytes
import Network
import RecordedPackets
import Testing
import Wire

/// Options as strangers write them: every rule about their form.
@Suite struct DHCPOptionTests {
  /// A DISCOVER of an Ethernet machine with these options after the cookie.
  static func message(_ options: [UInt8], file: [UInt8] = [], serverName: [UInt8] = []) -> [UInt8] {
    var octets: [UInt8] = [1, 1, 6, 0, 1, 2, 3, 4] + [UInt8](repeating: 0, count: 20)
    octets += [0x52, 0x54, 0, 0x77, 0, 1] + [UInt8](repeating: 0, count: 10)
    octets += serverName + [UInt8](repeating: 0, count: 64 - serverName.count)
    octets += file + [UInt8](repeating: 0, count: 128 - file.count)
    return octets + [0x63, 0x82, 0x53, 0x63] + options
  }

  /// What the decoder says of a message: its option codes, or why it refuses.
  static func reading(_ octets: [UInt8]) -> Result<[UInt8], Malformed> {
    do throws(Malformed) {
      let message = try DHCPMessage(checking: octets.rawSpan)
      var codes: [UInt8] = []
      var walk = message.options
      while let option = try walk.next() { codes.append(option.code) }
      return .success(codes)
    } catch { return .failure(error) }
  }

  @Test(
    "Case 2: option lengths, END and overload",
    arguments: [
      (message([53, 1, 1, 255]), .success([53])),
      (message([53, 1, 1]), .success([53])),  // no END
      (message([]), .success([])),
      (message([255, 53, 1, 1]), .success([])),
      (message([0, 0, 53, 1, 1, 0, 255]), .success([53])),
      (message([53, 2, 1]), .failure(Malformed(.truncated, at: 240))),
      (message([53]), .failure(Malformed(.truncated, at: 240))),
      (message([53, 1, 1, 12, 255, 65]), .failure(Malformed(.truncated, at: 243))),
      (message([52, 1, 0, 255]), .failure(Malformed(.invalid("overload"), at: 242))),
      (message([52, 1, 4, 255]), .failure(Malformed(.invalid("overload"), at: 242))),
      (message([52, 0, 255]), .failure(Malformed(.invalid("overload"), at: 242))),
      (message([52, 1, 1, 255], file: [53, 1, 1, 255]), .success([52, 53])),
      (message([52, 1, 2, 255], serverName: [53, 1, 1, 255]), .success([52, 53])),
      (
        message([52, 1, 3, 255], file: [53, 1, 1, 255], serverName: [12, 1, 65]),
        .success([52, 53, 12])
      ),
      // Nested: an overload within an overloaded field means nothing.
      (
        message([52, 1, 1, 255], file: [52, 1, 3, 53, 1, 1], serverName: [12, 1, 65]),
        .success([52, 52, 53])
      ),
      (message([52, 1, 1, 255], file: [12, 200]), .failure(Malformed(.truncated, at: 108))),
      (message([52, 1, 2, 255], serverName: [12, 63]), .failure(Malformed(.truncated, at: 44))),
    ] as [([UInt8], Result<[UInt8], Malformed>)])
  func optionsAreWalkedOrRefused(_ row: ([UInt8], Result<[UInt8], Malformed>)) {
    #expect(Self.reading(row.0) == row.1)
  }

  @Test("Case 1: truncated headers", arguments: 0..<240) func aShortMessageIsRefused(_ count: Int) {
    let octets = Array(Self.message([53, 1, 1, 255])[..<count])
    #expect(Self.reading(octets) == .failure(Malformed(.truncated, at: count)))
  }

  @Test(
    "Case 4: hlen beyond chaddr, op and cookie of no DHCP message",
    arguments: [
      (0, 0, Malformed(.invalid("op"), at: 0)), (0, 3, Malformed(.invalid("op"), at: 0)),
      (2, 17, Malformed(.invalid("hlen"), at: 2)), (2, 255, Malformed(.invalid("hlen"), at: 2)),
      (239, 0, Malformed(.unsupported("cookie"), at: 236)),
    ] as [(Int, UInt8, Malformed)])
  func aBadHeaderIsRefused(_ row: (Int, UInt8, Malformed)) {
    var octets = Self.message([53, 1, 1, 255])
    octets[row.0] = row.1
    #expect(Self.reading(octets) == .failure(row.2))
  }

  /// Reads one option's value by an accessor that throws, and says what came.
  static func outcome<Value>(
    _ octets: [UInt8], _ read: (borrowing DHCPMessage) throws(Malformed) -> Value
  ) -> Value? {
    do throws(Malformed) {
      let message = try DHCPMessage(checking: octets.rawSpan)
      return try read(message)
    } catch { return nil }
  }

  @Test("Case 2: zero-length 53, 50, 54, 93, 97, 77, 61, 12")
  func optionsOfNoLengthAreRefusedOrEmpty() {
    let empty = Self.message([53, 0, 50, 0, 54, 0, 93, 0, 97, 0, 77, 0, 61, 0, 12, 0, 51, 0, 57, 0])
    #expect(Self.outcome(empty) { message throws(Malformed) in try message.type } == nil)
    #expect(
      Self.outcome(empty) { message throws(Malformed) in try message.requestedAddress } == nil)
    #expect(
      Self.outcome(empty) { message throws(Malformed) in try message.serverIdentifier } == nil)
    #expect(
      Self.outcome(empty) { message throws(Malformed) in try message.clientArchitecture } == nil)
    #expect(
      Self.outcome(empty) { message throws(Malformed) in try message.hasUserClass("iPXE") } == false
    )
    let uuid = Self.outcome(empty) { message throws(Malformed) in try message.clientUUID }
    #expect(uuid == .some(nil))
    // These only ask for something: a wrong length asks for nothing.
    let wishes = Self.outcome(empty) { message throws(Malformed) in
      [message.leaseTime.map(UInt64.init), message.maximumMessageSize.map(UInt64.init)]
    }
    #expect(wishes == [nil, nil])
  }

  @Test(
    "Option 77 in both forms",
    arguments: [
      (Array("iPXE".utf8), true), ([4] + Array("iPXE".utf8), true),
      ([3, 65, 66, 67, 4] + Array("iPXE".utf8), true), (Array("iPXE2".utf8), false),
      (Array("gPXE".utf8), false), ([4] + Array("gPXE".utf8), false),
      ([5] + Array("iPXE".utf8), false),
      ([0], false), ([0, 4] + Array("iPXE".utf8), false), (Array("XiPXE".utf8), false),
    ] as [([UInt8], Bool)])
  func aUserClassIsKnownInBothForms(_ row: ([UInt8], Bool)) {
    let octets = Self.message([77, UInt8(row.0.count)] + row.0)
    #expect(
      Self.outcome(octets) { message throws(Malformed) in try message.hasUserClass("iPXE") }
        == row.1)
  }

  @Test(
    "Option 97",
    arguments: [
      // RFC 4578 §2.3: type 0, then EFI's GUID, its first three fields little-endian.
      (
        [
          0, 0x44, 0x45, 0x4c, 0x4c, 0x42, 0, 0x10, 0x4c, 0x80, 0x56, 0xb4, 0xc0, 0x4f, 0x4c, 0x41,
          0x42,
        ],
        "4c4c4544-0042-4c10-8056-b4c04f4c4142"
      ),
      ([0] + [UInt8](repeating: 0, count: 16), nil),
      ([0] + [UInt8](repeating: 255, count: 16), nil),
      ([1] + [UInt8](repeating: 7, count: 16), nil),
      ([0] + [UInt8](repeating: 7, count: 15), nil),
      ([0] + [UInt8](repeating: 7, count: 17), nil),
    ] as [([UInt8], String?)])
  func aUUIDReadsAsDmidecodePrintsIt(_ row: ([UInt8], String?)) {
    let octets = Self.message([97, UInt8(row.0.count)] + row.0)
    let uuid = Self.outcome(octets) { message throws(Malformed) in try message.clientUUID } ?? nil
    #expect(uuid?.description == row.1)
  }

  @Test func withoutAParameterListEverythingIsAskedFor() {
    let bare = Self.message([53, 1, 3])
    let short = Self.message([53, 1, 3, 55, 2, 1, 3])
    func asks(_ octets: [UInt8], _ code: UInt8) -> Bool? {
      Self.outcome(octets) { message throws(Malformed) in try message.asks(for: code) }
    }
    #expect(asks(bare, 12) == true)
    #expect(asks(short, 3) == true)
    #expect(asks(short, 12) == false)
  }

  @Test(
    "Sub-options of 43, 82 and 175",
    arguments: [
      ([6, 1, 8, 255], .padded, .success([6])), ([6, 1, 8, 255], .plain, nil),
      ([0, 0, 6, 1, 8], .padded, .success([6])), ([1, 2, 65, 66, 2, 0], .plain, .success([1, 2])),
      ([0, 1, 9], .plain, .success([0])), ([255, 1, 9], .plain, .success([255])),
      ([], .plain, .success([])),
      ([1], .plain, nil), ([1, 200, 3], .plain, nil), ([1, 1, 3, 9], .padded, nil),
      ([255, 1, 2], .padded, .success([])),
    ] as [([UInt8], SubOptions.Form, Result<[UInt8], Malformed>?)])
  func subOptionsAreWalkedOrRefused(
    _ row: ([UInt8], SubOptions.Form, Result<[UInt8], Malformed>?)
  ) {
    var codes: [UInt8] = []
    do throws(Malformed) {
      var walk = SubOptions(row.0.rawSpan, row.1)
      while let option = try walk.next() { codes.append(option.code) }
      #expect(.success(codes) == row.2)
    } catch {
      #expect(row.2 == nil)
      #expect(error.offset <= row.0.count)
    }
  }

  /// Raspberry Pi's menu, iPXE's features (QEMU's ROM, with its bus identifier), a relay's port.
  static let encapsulated: [([UInt8], SubOptions.Form)] = [
    (
      [6, 1, 3, 10, 4, 0, 0x50, 0x58, 0x45, 9, 0x14, 0, 0, 0x11]
        + Array("Raspberry Pi Boot".utf8) + [255], .padded
    ),
    ([177, 5, 1, 0x10, 0x50, 0x10, 0, 18, 1, 1, 19, 1, 1, 23, 1, 1, 235, 3, 1, 0, 0], .padded),
    ([1, 2, 0x70, 0x30, 2, 6, 0, 4, 0, 1, 0, 9, 151, 0], .plain),
  ]

  @Test(arguments: encapsulated)
  func everyMutantOfSubOptionsIsReadOrRefused(_ row: ([UInt8], SubOptions.Form)) throws {
    #expect(try DHCPMeaning.subOptions(row.0, row.1) > 0)
    var refused = 0
    Mutants.each(of: row.0) { mutant in
      do throws(Malformed) { _ = try DHCPMeaning.subOptions(mutant, row.1) } catch {
        refused += 1
        #expect(error.offset <= mutant.count)
      }
    }
    #expect(refused > 0)
  }
}
