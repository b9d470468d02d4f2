import Network

/// What a template may name, for one machine at one moment. Absent things render as nothing.
package struct Variables: Sendable {
  /// `server.*`: how this machine reaches us.
  package var server: Server
  /// `site.name` and `machine.site`: whose machine it is.
  package var site: String
  /// `machine.*`.
  package var machine: MachineVariables
  /// `profile.name`.
  package var profile: String
  /// `profile.kernel`, `profile.initrd` and `profile.arguments`, already rendered.
  package var kernel = ""
  package var initrd: [String] = []
  package var arguments = ""
  /// `subnet.*`.
  package var subnet: Subnet?
  /// `values.*`, merged: the machine's over its profile's over the configuration's.
  package var values: [String: String]
  /// `labels.*` of the machine.
  package var labels: [String: String]
  /// `keys.*`: public keys of the machine's site, a line of `authorized_keys` each.
  package var keys: [String]
  /// `secrets.*` of the machine's site and its own, for profiles that install; else none.
  package var secrets: [String: Secret.Text]
  /// For a preview: secrets render as asterisks.
  package var isMasked = false

  package init(
    server: Server, site: String, machine: MachineVariables, profile: String = "",
    subnet: Subnet? = nil, values: [String: String] = [:], labels: [String: String] = [:],
    keys: [String] = [], secrets: [String: Secret.Text] = [:]
  ) {
    self.labels = labels
    self.keys = keys
    self.secrets = secrets
    self.server = server
    self.site = site
    self.machine = machine
    self.profile = profile
    self.subnet = subnet
    self.values = values
  }

  /// Our own address and HTTP ports on the wire that the machine is on.
  package struct Server: Hashable, Sendable {
    package var address: IPv4Address
    /// nil where HTTP is off.
    package var httpPort: UInt16?
    package var httpsPort: UInt16?

    package init(address: IPv4Address, httpPort: UInt16? = 80, httpsPort: UInt16? = nil) {
      self.address = address
      self.httpPort = httpPort
      self.httpsPort = httpsPort
    }

    /// The base of our URLs, without a slash at its end: `http://10.77.0.1`. Where only HTTPS is
    /// served, it is that.
    package var http: String {
      guard let httpPort else { return https ?? "http://\(address)" }
      return httpPort == 80 ? "http://\(address)" : "http://\(address):\(httpPort)"
    }

    /// Likewise by TLS; nil where HTTPS is off.
    package var https: String? {
      httpsPort.map { $0 == 443 ? "https://\(address)" : "https://\(address):\($0)" }
    }
  }

  /// The machine as scripts and answers see it.
  package struct MachineVariables: Sendable {
    /// The operator's name for it, or its hardware address with dashes.
    package var name: String
    package var macAddress: MACAddress?
    package var uuid: UUID?
    package var serial: String?
    package var address: IPv4Address?
    package var architecture: Architecture?
    package var firmware: Firmware.Kind?
    /// What the client calls itself; nil: `name`.
    package var hostname: String?
    /// What it showed of itself, by the names of ``Provision/facts``: a stranger's text.
    package var facts: [String: String] = [:]
    /// What stands for it in URLs: its name, the token of its installation, or `~` in previews.
    package var urlName: String

    package init(
      name: String, macAddress: MACAddress? = nil, uuid: UUID? = nil, serial: String? = nil,
      address: IPv4Address? = nil, architecture: Architecture? = nil, firmware: Firmware.Kind? = nil
    ) {
      self.name = name
      urlName = name
      self.macAddress = macAddress
      self.uuid = uuid
      self.serial = serial
      self.address = address
      self.architecture = architecture
      self.firmware = firmware
    }

    /// The path of its answer files, without a slash at its end.
    package var answers: String { "/machines/\(urlName)/answers" }
    /// The path that takes its reports.
    package var report: String { "/machines/\(urlName)/report" }
    /// The path of its hooks: `/pre-install`, `/post-install` and `/first-boot` follow.
    package var hooks: String { "/machines/\(urlName)/hooks" }
    /// The path of sub scripts. They are no secret, so its name always stands here.
    package var scripts: String { "/machines/\(name)/scripts" }
  }
}
