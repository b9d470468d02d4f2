import Boot
import EventLoop
import Network
import YAML

/// Reads the files of one configuration, from the first byte to a checked ``Configuration``.
///
/// Each part is read even when others are wrong, so that all mistakes are told at once.
struct ConfigurationReader {
  let surroundings: Surroundings
  /// Where relative paths begin: the configuration's own folder.
  let folder: String
  let findings = Findings()

  var settings = Settings()
  var site: String
  var interfaces: [InterfaceDraft] = []
  var subnets: [SubnetDraft] = []
  var profiles: [ProfileDraft] = []
  var machines: [MachineDraft] = []
  var marks = MachineMarks()
  var names = NameSettings()
  var defaultProfile = Catalog.DefaultProfile.none
  var certificates: [ServerCertificate] = []
  /// SHA-256 of the authority's certificate that iPXE is to trust; empty: none.
  var trust: [UInt8] = []
  var templates: TemplateFiles
  /// Where each top-level key was first set, for the second file that sets it.
  private var places: [String: String] = [:]

  /// The keys of a file, in the order of the documentation.
  static let keys = [
    "site", "state", "files", "loaders", "control", "interfaces", "tls", "subnets", "dns",
    "profiles", "default-profile", "machines",
  ]

  init(folder: String, surroundings: Surroundings) {
    self.folder = folder
    self.surroundings = surroundings
    site = surroundings.hostName
    names.hostName = surroundings.hostName
    templates = TemplateFiles(folder: folder, findings: findings)
  }

  mutating func read(_ files: [SourceFile]) {
    // All files give their top-level values first: what they say together is checked after.
    var parts: [Part] = []
    for file in files {
      let document = Document(parsing: file.bytes)
      for mistake in document.mistakes {
        findings.mistake(mistake.text, at: mistake.position, in: file.name)
      }
      guard let root = document.root else { continue }
      let value = Value(node: root, file: file, findings: findings)
      guard let fields = Fields(value, of: "the configuration", keys: Self.keys) else { continue }
      for key in Self.keys {
        if let value = fields[key], isNew(key, fields) {
          parts.append(Part(key: key, value: value))
        }
      }
    }
    for key in Self.keys {
      for part in parts where part.key == key { take(part) }
    }
    checkInterfaces()
    checkNames()
    let name = files.count == 1 ? files[0].name : folder
    if !parts.contains(where: { $0.key == "interfaces" }), findings.mistakes.isEmpty {
      findings.add(Mistake(file: name, "no \"interfaces\": there is nothing to answer on"))
    }
  }

  private struct Part {
    var key: String
    var value: Value
  }

  /// Lists and profiles grow from file to file; everything else is set once.
  private mutating func isNew(_ key: String, _ fields: Fields) -> Bool {
    guard !["interfaces", "subnets", "profiles", "machines"].contains(key) else { return true }
    if let first = places[key] {
      fields.mistake("\"\(key)\" is set in \(first) already", at: key)
      return false
    }
    places[key] = "\(fields.value.file.name):\(fields.position(of: key).line)"
    return true
  }

  private mutating func take(_ part: Part) {
    let value = part.value
    switch part.key {
    case "site": site = value.identifier() ?? site
    case "state": settings.state = value.path(from: folder) ?? settings.state
    case "files": settings.files = value.path(from: folder) ?? settings.files
    case "loaders": settings.loaders = value.path(from: folder) ?? settings.loaders
    case "control": settings.control = value.path(from: folder) ?? settings.control
    case "interfaces": readInterfaces(value)
    case "tls": readTLS(value)
    case "subnets": readSubnets(value)
    case "dns": readDNS(value)
    case "profiles": readProfiles(value)
    case "default-profile": readDefaultProfile(value)
    case "machines": readMachines(value)
    default: break
    }
  }

  /// Says in one sentence that a setting is understood and has no effect yet.
  func notServedYet(_ setting: String, at value: Value) {
    value.warning("\(setting) is not served yet: the setting was checked and has no effect")
  }

  var hasTLS: Bool { places["tls"] != nil }
}
