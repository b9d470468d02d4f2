/// A variable that every template may use; `values.*` are the operator's own.
package enum TemplateName: String, CaseIterable, Hashable, Sendable {
  /// `http://ADDRESS[:PORT]` of ours as this machine reaches us, without a slash at its end.
  case serverHTTP = "server.http"
  /// `https://ADDRESS[:PORT]`; nothing where HTTPS is off.
  case serverHTTPS = "server.https"
  case serverAddress = "server.address"
  /// The configured name; the MAC address with dashes for a machine that is not listed.
  case machineName = "machine.name"
  case machineMAC = "machine.mac"
  case machineMACDashed = "machine.mac-dashed"
  case machineUUID = "machine.uuid"
  case machineSerial = "machine.serial"
  case machineAddress = "machine.address"
  case machineArchitecture = "machine.architecture"
  case machineFirmware = "machine.firmware"
  /// The path `/machines/NAME/answers`.
  case machineAnswers = "machine.answers"
  /// The path `/machines/NAME/report`.
  case machineReport = "machine.report"
  /// What the client calls itself (option 12), else its name here.
  case machineHostname = "machine.hostname"
  case profileName = "profile.name"
  case profileKernel = "profile.kernel"
  case profileInitrd = "profile.initrd"
  case profileArguments = "profile.arguments"
  case subnetNetwork = "subnet.network"
  case subnetNetmask = "subnet.netmask"
  case subnetPrefix = "subnet.prefix"
  case subnetRouter = "subnet.router"
  case subnetDNS = "subnet.dns"
  case subnetDomain = "subnet.domain"
  case siteName = "site.name"

  /// Whether the text is the client's own, which anyone on the wire can choose. Without a
  /// filter its unusual characters become `_`: no newline of a stranger starts a command.
  package var isClientText: Bool {
    switch self {
    case .machineSerial, .machineHostname: true
    case .serverHTTP, .serverHTTPS, .serverAddress, .machineName, .machineMAC, .machineMACDashed,
      .machineUUID, .machineAddress, .machineArchitecture, .machineFirmware, .machineAnswers,
      .machineReport, .profileName, .profileKernel, .profileInitrd, .profileArguments,
      .subnetNetwork, .subnetNetmask, .subnetPrefix, .subnetRouter, .subnetDNS, .subnetDomain,
      .siteName:
      false
    }
  }

  /// What stands before the point, each once, in the order of the cases.
  package static var groups: [String] {
    var groups: [String] = []
    for name in allCases {
      let group = String(name.rawValue.prefix { $0 != "." })
      if groups.last != group { groups.append(group) }
    }
    return groups
  }
}

extension TemplateName {
  /// Whether `{{values.NAME}}` can name it.
  package static func isValueName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

/// What a tag names, decided when the template is parsed.
package enum TemplateVariable: Hashable, Sendable {
  case name(TemplateName)
  /// `values.NAME` of the machine.
  case value(String)

  package var text: String {
    switch self {
    case .name(let name): name.rawValue
    case .value(let name): "values.\(name)"
    }
  }

  var isClientText: Bool {
    switch self {
    case .name(let name): name.isClientText
    case .value: false
    }
  }
}
