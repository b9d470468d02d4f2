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
  var profileIndex: [String: Int] = [:]
  var menus: [MenuDraft] = []
  var machines: [MachineDraft] = []
  var machineIndex: [String: Int] = [:]
  var marks = MachineMarks()
  var scripts = DraftTable<Script>()
  var answers = DraftTable<AnswerText>()
  var hooks = DraftTable<Hook>()
  var publicKeys: [SSHKey] = []
  var secrets: [SecretDraft] = []
  /// The same, for machines to be held against.
  private(set) var secretTable = SecretTable()
  /// `{{values.…}}` of all machines.
  var values: [String: String] = [:]
  var register = ObjectRegister()
  var names = NameSettings()
  var defaultProfile = Catalog.DefaultProfile.none
  var certificates: [ServerCertificate] = []
  /// SHA-256 of the authority's certificate that iPXE is to trust; empty: none.
  var trust: [UInt8] = []
  var templates: TemplateFiles
  let texts: TemplateTexts
  /// Where each top-level key was first set, for the second file that sets it.
  private var places: [String: String] = [:]

  /// The keys of a file, in the order of the documentation.
  static let keys = [
    "site", "state", "files", "loaders", "control", "reload", "interfaces", "tls", "admin",
    "recorder", "subnets", "dns", "snippets", "scripts", "answers", "hooks", "keys", "secrets",
    "values", "profiles", "default-profile", "machines",
  ]
  /// Those that grow from file to file; every other key is set once.
  private static let growing: Set<String> = [
    "interfaces", "subnets", "snippets", "scripts", "answers", "hooks", "keys", "secrets",
    "profiles", "machines",
  ]

  init(folder: String, surroundings: Surroundings, texts: TemplateTexts) {
    self.texts = texts
    self.folder = folder
    self.surroundings = surroundings
    site = surroundings.hostName
    names.hostName = surroundings.hostName
    templates = TemplateFiles(folder: folder, findings: findings, texts: texts)
  }

  /// - Parameter stored: What was applied beside the files.
  mutating func read(_ files: [SourceFile], stored: [StoredObject] = []) {
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
    parts += stored.map(part)
    for key in Self.keys {
      for part in parts where part.key == key { take(part) }
      if key == "secrets" { secretTable = SecretTable(secrets.lazy.map(\.secret)) }
    }
    checkMenus()
    checkTies()
    checkSecrets()
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

  /// An applied object as the section that a file would have for it alone.
  private func part(_ object: StoredObject) -> Part {
    let file = SourceFile(name: object.file, bytes: [], generation: object.generation)
    var spec = object.spec
    let place = spec.position
    let content: Node.Content
    switch object.kind {
    case .machines:
      spec["name"] = Node(.scalar(object.name, isPlain: false), at: place)
      content = .sequence([spec])
    case .profiles, .scripts, .answers, .hooks, .snippets, .keys, .secrets:
      content = .mapping([Node.Entry(key: object.name, position: place, value: spec)])
    }
    return Part(
      key: object.kind.rawValue,
      value: Value(node: Node(content, at: place), file: file, findings: findings))
  }

  private mutating func isNew(_ key: String, _ fields: Fields) -> Bool {
    guard !Self.growing.contains(key) else { return true }
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
    case "reload": readReload(value)
    case "control": settings.control = value.path(from: folder) ?? settings.control
    case "interfaces": readInterfaces(value)
    case "tls": readTLS(value)
    case "admin": readAdmin(value)
    case "recorder": readRecorder(value)
    case "subnets": readSubnets(value)
    case "dns": readDNS(value)
    case "snippets": readSnippets(value)
    case "scripts": readScripts(value)
    case "answers": readAnswers(value)
    case "hooks": readHooks(value)
    case "keys": readKeys(value)
    case "secrets": readSecrets(value)
    case "values": values = values(value)
    case "profiles": readProfiles(value)
    case "default-profile": readDefaultProfile(value)
    case "machines": readMachines(value)
    default: break
    }
  }

  var hasTLS: Bool { places["tls"] != nil }
}
