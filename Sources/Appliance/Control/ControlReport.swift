/// What the control socket tells, as JSON; the command line prints it.
package enum ControlReport {
  /// `GET /status`.
  package struct Status: Codable, Sendable {
    package var version: String
    package var site: String
    package var generation: UInt64
    /// RFC 3339, as all times here.
    package var started: String
    package var interfaces: [Interface]
    package var leases: Int
    package var transfers: Int
    package var connections: Int
    package var machines: Int
    /// Events since the start, by name.
    package var events: [String: Int]
  }

  package struct Interface: Codable, Sendable {
    package var name: String
    package var dhcp: String
    package var tftp: Bool
    package var http: UInt16?
    package var isServed: Bool
  }

  /// One of `GET /leases`.
  package struct Lease: Codable, Sendable {
    package var address: String
    /// Hardware address, or the client identifier in hexadecimal.
    package var client: String
    package var machine: String?
    /// As the client named itself: escaped, for printing only.
    package var hostName: String?
    package var expires: String
    package var secondsLeft: Int64
  }

  /// One of `GET /timeline`: a machine, and where it stands.
  package struct Summary: Codable, Sendable {
    package var mac: String
    package var name: String?
    /// How many entries it has.
    package var entries: Int
    package var first: String
    package var last: String
    /// Its last event.
    package var event: String
  }

  /// `GET /timeline/MACHINE`.
  package struct Machine: Codable, Sendable {
    package var mac: String
    package var name: String?
    package var entries: [Entry]
  }

  package struct Entry: Codable, Sendable {
    package var time: String
    /// Seconds since the machine's first entry here.
    package var seconds: Double
    package var event: String
    /// `name=value`, strangers' text escaped.
    package var fields: [String]
  }
}
